//! End to end: the real binary in a scrubbed environment.
//!
//! One test binary, since each one links polars. What tests need from elsewhere, `leastgrant_testing` tells.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests fail as tests do"
)]

mod athena;
mod atomicity;
mod catalog;
mod collect_credentials;
mod collect_live;
mod collect_resource_policies;
mod corpus;
mod demo;
mod determinism;
mod doubt;
mod fuzz_corpus;
mod gaps;
mod gate;
mod graph;
mod hostile;
mod house;
mod listings;
mod messages;
mod migrate_key;
mod minimize;
mod minimize_held_out;
mod minimize_terraform;
mod organization;
mod owners;
mod permission_use;
mod policies;
mod policy;
mod prove;
mod queries;
mod readme;
mod recipes;
mod report_quirks;
mod rules;
mod script;
mod servers;
mod simulate;
mod support;
mod usage;
mod usage_event_history;
mod usage_gaps;
mod usage_hostile;
mod usage_inventory;
mod usage_s3;
mod usage_s3_resume;
mod who_can;
mod who_can_unknown;
