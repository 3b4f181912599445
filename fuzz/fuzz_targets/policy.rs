#![no_main]
//! The policy language: any text, and what parses prints, edits, counts and is checked without loss.

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = std::str::from_utf8(bytes) {
        leastgrant_policy::testing::exercise(text);
    }
});
