"""What is asked of a bundle, one class a question, in the order in which they are asked."""
