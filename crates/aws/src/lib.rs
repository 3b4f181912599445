//! How AWS is reached: the usual settings, one client configuration, and errors told in one way.
//!
//! Credentials, profiles and Regions come from where the `aws` CLI takes them. No secret is read here: the SDK keeps them.

mod certificates;
mod connection;
mod failure;
mod message;
mod profile;

pub use connection::{Connection, Error, runtime};
pub use failure::{Failure, FailureKind, causes};
pub use message::presentable;
