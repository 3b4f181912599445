//! Ways and paths in small accounts.
