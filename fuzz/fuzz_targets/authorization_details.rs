#![no_main]
//! The reader of JSON answers, authorization details first among them, through to rows and gaps.

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| leastgrant_collect::read_bytes_for_fuzzing(
    "details.json",
    bytes
));
