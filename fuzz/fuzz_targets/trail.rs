#![no_main]
//! Logs: any bytes, packed or not, end with records or a reason, and whatever is read can be counted.

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    leastgrant_trail::exercise(bytes);
});
