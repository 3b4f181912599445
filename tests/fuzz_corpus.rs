//! The fuzz targets' corpus, replayed: what once was interesting must never panic again.

use std::path::Path;

#[test]
fn every_file_of_the_fuzz_corpus_is_read_without_a_panic() {
    let mut replayed = 0;
    for target in ["authorization_details", "credential_report"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../fuzz/corpus")
            .join(target);
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            leastgrant_collect::read_bytes_for_fuzzing(target, &std::fs::read(&path).unwrap());
            replayed += 1;
        }
    }
    assert!(replayed >= 6, "the corpus has its seeds");
}
