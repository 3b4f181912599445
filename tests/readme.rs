//! The README's questions about policies can be asked as they stand there, and their answers are samples.

use std::path::Path;

use crate::support::Sandbox;

/// The commands of the section `Policies`, in order.
fn commands(readme: &str) -> Vec<&str> {
    let (_, section) = readme.split_once("\n## Policies\n").unwrap();
    let (section, _) = section.split_once("\n## ").unwrap();
    let lines = section.lines();
    lines.filter_map(|line| line.strip_prefix("    ")).collect()
}

#[test]
fn the_commands_about_policies_work_on_the_demo() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let update = std::env::var_os("LEASTGRANT_UPDATE").is_some_and(|value| value == "1");
    let readme = std::fs::read_to_string(root.join("README.md")).unwrap();
    let sandbox = Sandbox::new();
    sandbox
        .run(&["run", "--demo", "--out", "quarterly"])
        .expect_code(0);
    let mut samples = Vec::new();
    for command in commands(&readme) {
        if let Some(written) = command.strip_prefix("echo '") {
            let (text, name) = written.split_once("' > ").unwrap();
            sandbox.write(name, text);
            continue;
        }
        let arguments: Vec<&str> = command.split(' ').skip(1).collect();
        let ran = sandbox.run(&arguments);
        let name = arguments[0];
        // The proof's answer is that the new policy allows more.
        assert_eq!(
            ran.code,
            i32::from(name == "prove"),
            "{command}: {}",
            ran.stderr
        );
        let sample = match name {
            "who-can" if arguments.contains(&"--become") => "who-can-become.txt".to_owned(),
            "graph" => "graph.dot".to_owned(),
            "audit" => "escalation.txt".to_owned(),
            other => format!("{other}.txt"),
        };
        samples.push((sample, ran.stdout));
    }
    assert_eq!(samples.len(), 6);
    for (name, text) in samples {
        let path = root.join("reports/samples").join(&name);
        if update {
            std::fs::write(&path, text).unwrap();
        } else {
            assert_eq!(
                std::fs::read_to_string(&path).unwrap_or_default(),
                text,
                "reports/samples/{name} is out of date: run the tests once with LEASTGRANT_UPDATE=1"
            );
        }
    }
}
