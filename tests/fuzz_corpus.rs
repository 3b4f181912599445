//! The fuzz targets' corpus, replayed: what once was interesting must never panic again.

use std::path::Path;

#[test]
fn every_file_of_the_fuzz_corpus_is_read_without_a_panic() {
    let mut replayed = 0;
    for target in [
        "authorization_details",
        "credential_report",
        "policy",
        "trail",
    ] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../fuzz/corpus")
            .join(target);
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let bytes = std::fs::read(&path).unwrap();
            match (target, std::str::from_utf8(&bytes)) {
                ("policy", Ok(text)) => leastgrant_policy::testing::exercise(text),
                ("policy", Err(_)) => {}
                ("trail", _) => leastgrant_trail::exercise(&bytes),
                _ => leastgrant_collect::read_bytes_for_fuzzing(target, &bytes),
            }
            replayed += 1;
        }
    }
    assert!(replayed >= 6, "the corpus has its seeds");
}
