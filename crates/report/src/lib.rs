//! Findings to table, CSV, Markdown, HTML, JSON, SARIF, JUnit and GitHub annotations.
//!
//! One format, one file; each is a function from an outcome to text and does no I/O. Only
//! [`folder`] writes files, and only the reader of existing Terraform files reads some. Everything that comes from an account (names, tags, paths, messages) is
//! hostile: it passes one of the functions of [`text`] or [`markdown_text`], or the escaping of the
//! format's own writer, before it is part of an output.

pub mod access;
pub mod catalog;
mod chart;
mod color;
mod counts;
pub mod csv;
mod error;
pub mod file_name;
pub mod folder;
pub mod gate_text;
pub mod github;
pub mod html;
pub mod json;
pub mod junit;
pub mod markdown;
pub(crate) mod markdown_text;
pub mod minimize;
pub mod owner_markdown;
pub mod permission_use;
pub mod prove;
mod safe_lines;
pub mod sarif;
mod sarif_model;
pub mod table;
pub mod text;
pub mod usage;
mod wrap;

pub use error::Error;
pub use wrap::fitted;
