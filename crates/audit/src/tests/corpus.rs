//! Real policies through every rule: nothing panics, and no rule fires on what AWS shows as the safe way. Skipped aloud without the corpus.
