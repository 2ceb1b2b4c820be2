//! What is told of a run: windows, percentiles, the truth ledger, causes. Fed by observations only.
