//! The table, read whole.

use super::{EscalationTarget, escalation_sets};

#[test]
fn every_line_of_the_table_is_read() {
    let lines = super::TABLE.lines().filter(|line| !line.starts_with('#'));
    let sets = escalation_sets();
    assert_eq!(sets.len(), lines.count());
    assert_eq!(sets.len(), 83);
    assert!(sets.is_sorted_by_key(|set| set.name));
    let single = sets.iter().filter(|set| set.actions.len() == 1);
    assert_eq!(single.count(), 29);
    for set in sets {
        let passes = set.actions.iter().any(|action| action.name() == "passrole");
        let has_services = !set.trusted_services.is_empty();
        let is_passed = set.target == EscalationTarget::PassedRole;
        let is_of_resource = set.target == EscalationTarget::RoleOfResource;
        assert_eq!(is_passed || is_of_resource, has_services, "{}", set.name);
        assert!(passes || !is_passed, "{}", set.name);
    }
}
