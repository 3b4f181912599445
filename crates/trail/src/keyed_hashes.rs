//! Hashes with a key that differs from process to process, so that nobody can write logs in which two texts are alike.

use std::hash::{BuildHasher, Hasher as _, RandomState};
use std::sync::OnceLock;

use foldhash::SharedSeed;
use foldhash::quality::{FoldHasher, SeedableRandomState};

static KEY: OnceLock<SharedSeed> = OnceLock::new();

/// Makes hashes with the key of this process.
#[derive(Debug, Clone)]
pub(crate) struct KeyedHashes(SeedableRandomState);

impl Default for KeyedHashes {
    fn default() -> Self {
        // The standard library's keys are random numbers of the operating system.
        let random = || RandomState::new().build_hasher().finish();
        let key = KEY.get_or_init(|| SharedSeed::from_u64(random()));
        Self(SeedableRandomState::with_seed(random(), key))
    }
}

impl BuildHasher for KeyedHashes {
    type Hasher = FoldHasher<'static>;

    fn build_hasher(&self) -> Self::Hasher {
        self.0.build_hasher()
    }
}
