//! What AWS offers.
