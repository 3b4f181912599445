//! The usage table as CSV and as `leastgrant.usage/1`.

mod csv;
mod json;

pub use csv::{COLUMNS, csv};
pub use json::{json, schema};
