/** The mark: a face behind woven cloth. */
export function Mark({ size }: { size: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      <path d="M5 6h22v20H5z" fill="none" stroke="#5fb3a8" strokeWidth="2" />
      <path
        d="M9.4 6v20M13.8 6v20M18.2 6v20M22.6 6v20"
        stroke="#5fb3a8"
        strokeWidth="1.2"
        opacity=".6"
      />
      <circle cx="16" cy="14.5" r="4.6" fill="#12171d" stroke="#5fb3a8" strokeWidth="2" />
    </svg>
  );
}
