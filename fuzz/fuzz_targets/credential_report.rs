#![no_main]
//! The reader of credential reports. The header is given, so that the fuzzer spends its time on the rows.

const HEADER: &str = "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,password_next_rotation,mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,cert_1_last_rotated,cert_2_active,cert_2_last_rotated\n";

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    leastgrant_collect::read_bytes_for_fuzzing("report.csv", &[HEADER.as_bytes(), bytes].concat());
    leastgrant_collect::read_bytes_for_fuzzing("report.csv", bytes);
});
