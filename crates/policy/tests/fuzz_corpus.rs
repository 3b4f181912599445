//! The corpus of the fuzz target `compare`, replayed: what once was interesting must never be wrong again.

use std::path::Path;

#[path = "../../../fuzz/checks/compare.rs"]
mod checks;

#[test]
fn every_file_of_the_corpus_is_compared_rightly() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/compare");
    let mut replayed = 0;
    for entry in std::fs::read_dir(&folder).unwrap() {
        checks::check(&std::fs::read(entry.unwrap().path()).unwrap());
        replayed += 1;
    }
    assert!(replayed >= 30, "the corpus has its seeds");
}
