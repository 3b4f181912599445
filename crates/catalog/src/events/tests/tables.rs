//! The tables of our own: each row names its source, and a service and an action that exist.

use std::collections::BTreeSet;

use super::super::tables;
use crate::Catalog;

const SOURCES: [&str; 6] = ["aws", "bot", "clt", "ian", "saf", "tra"];

#[test]
fn rows_are_sorted_each_once_and_name_their_source() {
    for (name, table, columns) in tables::ALL {
        let head = table.lines().filter(|line| line.starts_with('#'));
        let head: String = head.collect();
        let mut before: Vec<&str> = Vec::new();
        for line in table.lines().filter(|line| !line.starts_with('#')) {
            let cells: Vec<&str> = line.split('\t').collect();
            assert_eq!(cells.len(), columns, "{name}: {line}");
            assert!(SOURCES.contains(&cells[0]), "{name}: {line}");
            assert!(head.contains(&format!("{} = ", cells[0])), "{name}: {line}");
            assert!(cells.iter().all(|cell| !cell.is_empty()), "{name}: {line}");
            assert!(before < cells[1..].to_vec(), "{name}: {line}");
            before = cells[1..].to_vec();
        }
    }
}

#[test]
fn rows_name_services_and_actions_that_exist() {
    let catalog = Catalog::get();
    let is_source: BTreeSet<&str> = tables::sources(None).map(|(host, _)| host).collect();
    let is_service = |name: &str| catalog.service(name).is_some() || is_source.contains(name);
    for (host, prefix) in tables::sources(None) {
        assert!(catalog.service(prefix).is_some(), "{host}");
    }
    for row in tables::actions(None) {
        assert!(is_service(row.service), "{}", row.service);
        let is_known = row.action == "-" || catalog.action(row.action).is_some();
        assert!(is_known, "{} {}", row.event, row.action);
    }
    for (name, table, columns) in tables::ALL {
        for line in table.lines().filter(|line| !line.starts_with('#')) {
            let cells: Vec<&str> = line.split('\t').collect();
            assert!(is_service(cells[1]), "{name}: {line}");
            if columns == 7 {
                let service = catalog.service(cells[1]).unwrap();
                let mut types = service.resource_types().iter();
                let found = types.find(|one| one.name == cells[3]);
                let format = found.unwrap_or_else(|| panic!("{line}")).arn_format;
                let is_variable = format.contains(&format!("${{{}}}", cells[4]));
                assert!(is_variable || matches!(cells[4], "*" | "+"), "{line}");
            }
        }
    }
}

/// A row of which nothing is made would be a fact that is lost.
#[test]
fn rows_are_read_as_they_are_meant() {
    use super::super::reading::Reading;
    use super::super::whole::Whole;
    for row in tables::resources(None) {
        let is_known = match row.variable {
            "+" => matches!(row.reading, "untold" | "besides" | "besides-create"),
            "*" => {
                matches!(row.reading, "never" | "below-path") || Whole::of(row.reading).is_some()
            }
            _ => Reading::of(row.reading).is_some(),
        };
        assert!(is_known, "{} {}", row.resource_type, row.reading);
    }
}
