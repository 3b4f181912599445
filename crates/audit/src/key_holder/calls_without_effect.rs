//! Calls that change nothing and tell nothing that anybody needs.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::table::lines;

static TABLE: &str = include_str!("../../data/calls-without-effect.tsv");

/// Whether a call of this kind, when it is allowed, changes something or tells something that somebody may need.
pub(crate) fn has_effect(event_source: &str, event_name: &str) -> bool {
    static CALLS: LazyLock<HashSet<(&str, &str)>> =
        LazyLock::new(|| lines(TABLE).filter_map(read).collect());
    !CALLS.contains(&(event_source, event_name))
}

/// Whether a call of this kind may be another's question who the caller is: clients sign `GetCallerIdentity` and hand it to a
/// server that trusts AWS's answer, such as a cluster of EKS (EKS User Guide, "Cluster authentication") or Vault ("AWS auth method").
pub(crate) fn proves_identity(event_source: &str, event_name: &str) -> bool {
    (event_source, event_name) == ("sts.amazonaws.com", "GetCallerIdentity")
}

/// A line; a test holds that each is read.
fn read(line: &'static str) -> Option<(&'static str, &'static str)> {
    match line.split('\t').collect::<Vec<_>>().as_slice() {
        [source, name, _why] => Some((source, name)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_read() {
        assert_eq!(lines(TABLE).filter_map(read).count(), lines(TABLE).count());
        assert!(!has_effect("sts.amazonaws.com", "GetAccessKeyInfo"));
        assert!(has_effect("sts.amazonaws.com", "AssumeRole"));
    }
}
