"""What is due of the running system: filings, breaches, facts and checks."""
