//! Holders of every kind, told, not told, and contradicted.
