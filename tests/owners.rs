//! Owners: where they come from, and the lists that they are sent.

use crate::support::{ACCOUNT, ReportRow, Sandbox, with_report};

const OLD: &str = "2020-01-01T00:00:00+00:00";

fn with_tagged_users() -> Sandbox {
    let names = ["ada", "ci-build", "nobody"];
    let rows: Vec<_> = names
        .iter()
        .map(|name| ReportRow::user(name, OLD))
        .collect();
    let sandbox = with_report(&rows);
    let users: Vec<_> = names
        .iter()
        .map(|name| {
            let tags = if *name == "ada" { r#"[{"Key":"Owner","Value":"payments"}]"# } else { "[]" };
            format!(r#"{{"UserName":"{name}","Arn":"arn:aws:iam::{ACCOUNT}:user/{name}","CreateDate":"{OLD}","Tags":{tags}}}"#)
        })
        .collect();
    sandbox.write(
        "bundle/details.json",
        format!(r#"{{"UserDetailList":[{}]}}"#, users.join(",")),
    );
    sandbox.write("leastgrant.toml", format!("[[owners.match]]\nresource = \"arn:aws:iam::{ACCOUNT}:user/ci-*\"\nowner = \"platform\"\n"));
    sandbox.collect(0);
    sandbox
}

#[test]
fn each_owner_gets_a_list_with_columns_to_fill_in() {
    let sandbox = with_tagged_users();
    sandbox
        .run(&["audit", "inv", "--out", "report"])
        .expect_code(0);
    let mut lists: Vec<_> = std::fs::read_dir(sandbox.path("report/owners"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    lists.sort();
    assert_eq!(
        lists,
        [
            "payments.csv",
            "payments.md",
            "platform.csv",
            "platform.md",
            "unowned.csv",
            "unowned.md"
        ]
    );
    let csv = sandbox.read("report/owners/payments.csv");
    let (header, rows) = csv.split_once('\n').unwrap();
    assert!(
        header.trim_end().ends_with(",remediation,decision,comment"),
        "{header}"
    );
    assert!(rows.trim_end().ends_with(",,"), "{rows}");
    assert!(
        sandbox
            .read("report/owners/platform.md")
            .contains("user/ci-build")
    );
}

#[test]
fn the_keys_of_tags_are_a_setting() {
    let sandbox = with_tagged_users();
    sandbox.write("other.toml", "[owners]\ntags = [\"contact\"]\n");
    let document = sandbox
        .run(&["audit", "inv", "--format", "json", "--config", "other.toml"])
        .expect_code(0)
        .json();
    let owners: std::collections::BTreeSet<_> = document["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| finding["owner"].as_str().unwrap())
        .collect();
    assert_eq!(owners.into_iter().collect::<Vec<_>>(), ["unowned"]);
}
