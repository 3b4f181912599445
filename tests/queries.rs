//! The SQL queries, run for real by DuckDB: another reader of the tables than our own.

use std::path::Path;

use crate::support::Sandbox;

/// Runs every query in the inventory's folder and prints the number of rows of each, and the sum of one column.
const SCRIPT: &str = "
import duckdb, os, pathlib, sys
os.chdir(sys.argv[2])
for path in sorted(pathlib.Path(sys.argv[1]).glob('*.sql')):
    rows = duckdb.execute(path.read_text()).fetchall()
    numbers = [value for row in rows for value in row if type(value) is int]
    print(path.stem, len(rows), sum(numbers))
";

#[test]
fn queries_over_the_inventory_run_and_agree_with_our_own_reading() {
    let Some(python) = leastgrant_testing::python() else {
        return;
    };
    let sandbox = Sandbox::new();
    sandbox
        .run(&["demo", "--out", "bundle", "--days", "0"])
        .expect_code(0);
    sandbox.collect(0);
    let queries = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../queries/inventory")
        .canonicalize()
        .unwrap();
    let output = std::process::Command::new(python)
        .args(["-c", SCRIPT])
        .arg(&queries)
        .arg(sandbox.path("inv"))
        .output()
        .expect("python runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let said = String::from_utf8(output.stdout).unwrap();
    let rows = |query: &str| -> usize {
        let line = said.lines().find(|line| line.starts_with(query)).unwrap();
        line.split(' ').nth(1).unwrap().parse().unwrap()
    };
    let keys = sandbox.rows::<leastgrant_inventory::tables::AccessKeyRow>();
    assert_eq!(
        rows("access-keys-by-age"),
        keys.iter().filter(|key| key.is_active).count()
    );
    let administrators = sandbox
        .rows::<leastgrant_inventory::tables::PolicyAttachmentRow>()
        .into_iter()
        .filter(|row| {
            row.policy_arn
                .ends_with(":iam::aws:policy/AdministratorAccess")
        })
        .count();
    assert!(administrators > 0);
    assert_eq!(rows("administrators"), administrators);
    assert!(rows("credentials-by-owner") > 3, "{said}");
}
