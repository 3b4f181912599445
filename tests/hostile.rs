//! Names and tags are written by anybody who may create a user: inert in every output.

use crate::support::{ACCOUNT, NOW, ReportRow, Sandbox, account_json, report, with_report};

const OLD: &str = "2020-01-01T00:00:00+00:00";
/// An owner that is a formula, a tag, Markdown, terminal escapes and a path at once.
const OWNER: &str = "=cmd|'/c calc'!A1 <script>alert(1)</script> [x](javascript:1) \u{1b}[31m\u{202e} `|` ../../etc/passwd\n# heading";
const USER: &str = "=HYPERLINK+x@y";

fn hostile() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("bundle/account.json", account_json(NOW));
    sandbox.write(
        "bundle/report.csv",
        report(&[ReportRow::user(USER, OLD).key(1, "true", OLD, "N/A")]),
    );
    let details = serde_json::json!({"UserDetailList": [{"UserName": USER, "Arn": format!("arn:aws:iam::{ACCOUNT}:user/{USER}"), "CreateDate": OLD, "Tags": [{"Key": "owner", "Value": OWNER}]}]});
    sandbox.write("bundle/details.json", details.to_string());
    sandbox.collect(0);
    sandbox
}

#[test]
fn a_file_that_is_too_long_is_not_read() {
    let sandbox = with_report(&[]);
    sandbox.collect(0);
    let most: u64 = 4 << 30;
    for name in ["baseline.json", "min/minimize.json", "long/manifest.json"] {
        sandbox.write(name, "");
        let file = std::fs::File::options()
            .write(true)
            .open(sandbox.path(name));
        file.unwrap().set_len(most + 1).unwrap();
    }
    let why = format!(
        ": it has {} bytes, and at most {most} bytes of it are read; check whether it is the right file\n",
        most + 1
    );
    let gate = [
        "gate",
        "inv",
        "--fail-on",
        "low",
        "--baseline",
        "baseline.json",
    ];
    let ran = sandbox.run(&gate).expect_code(2);
    assert_eq!(
        ran.stderr,
        format!("error: cannot read the baseline `baseline.json`{why}")
    );
    let check = ["minimize-check", "min", "inv"];
    let ran = sandbox.run(&check).expect_code(2);
    assert_eq!(
        ran.stderr,
        format!(
            "error: cannot read `min/minimize.json`; give the folder that `minimize --out` wrote{why}"
        )
    );
    let ran = sandbox.run(&["audit", "long"]).expect_code(2);
    assert_eq!(
        ran.stderr,
        format!("error: cannot read `long/manifest.json`{why}")
    );
}

#[test]
fn file_names_stay_inside_their_folder() {
    let sandbox = hostile();
    sandbox
        .run(&["audit", "inv", "--out", "report"])
        .expect_code(0);
    for entry in std::fs::read_dir(sandbox.path("report/owners")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(
            name.bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"._-%".contains(&byte)),
            "{name}"
        );
    }
    assert_eq!(
        std::fs::read_dir(sandbox.path("report/owners"))
            .unwrap()
            .count(),
        2
    );
}

#[test]
fn no_control_character_reaches_a_terminal_or_a_text_file() {
    let sandbox = hostile();
    sandbox
        .run(&["audit", "inv", "--out", "report"])
        .expect_code(0);
    let mut texts = vec![sandbox.read("report/report.md")];
    for format in ["table", "csv", "markdown", "html", "sarif", "json"] {
        texts.push(
            sandbox
                .run(&["audit", "inv", "--format", format])
                .expect_code(0)
                .stdout,
        );
    }
    for format in ["text", "json", "sarif", "junit", "github"] {
        texts.push(
            sandbox
                .run(&["gate", "inv", "--max-key-age", "90", "--format", format])
                .expect_code(1)
                .stdout,
        );
    }
    for entry in std::fs::read_dir(sandbox.path("report/owners")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "md") {
            texts.push(std::fs::read_to_string(path).unwrap());
        }
    }
    for text in texts {
        assert!(
            !text.contains('\u{1b}') && !text.contains('\u{202e}'),
            "{text}"
        );
        // A cell of a sheet may hold a line break; nothing else may.
        let is_csv = text.starts_with("id,rule");
        assert!(is_csv || !text.contains("\n# heading"), "{text}");
    }
}

#[test]
fn cells_are_no_formulas() {
    let sandbox = hostile();
    sandbox
        .run(&["audit", "inv", "--out", "report"])
        .expect_code(0);
    for entry in std::fs::read_dir(sandbox.path("report/owners"))
        .unwrap()
        .chain(std::fs::read_dir(sandbox.path("report")).unwrap())
    {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "csv") {
            let text = std::fs::read_to_string(&path).unwrap();
            for start in [",=", ",\"=", "\n=", ",@", ",+", ",-"] {
                assert!(
                    !text.contains(start),
                    "{start} in {}: {text}",
                    path.display()
                );
            }
            assert!(text.contains("'=cmd|"), "{text}");
        }
    }
}

#[test]
fn the_page_has_no_markup_of_the_accounts() {
    let page = hostile()
        .run(&["audit", "inv", "--format", "html"])
        .expect_code(0)
        .stdout;
    assert!(!page.contains("<script>alert"), "{page}");
    assert!(!page.contains("javascript:1)\""), "{page}");
}

#[test]
fn the_xml_of_junit_and_the_commands_of_github_are_whole() {
    let sandbox = hostile();
    let junit = sandbox
        .run(&["gate", "inv", "--max-key-age", "90", "--format", "junit"])
        .stdout;
    assert!(!junit.contains("<script>"), "{junit}");
    let github = sandbox
        .run(&["gate", "inv", "--max-key-age", "90", "--format", "github"])
        .stdout;
    assert!(
        github.lines().all(|line| line.starts_with("::")),
        "{github}"
    );
}

#[test]
fn deep_nesting_and_endless_compression_end_in_a_gap() {
    let sandbox = hostile();
    let deep = format!(
        "{{\"UserDetailList\":{}{}}}",
        "[".repeat(200_000),
        "]".repeat(200_000)
    );
    sandbox.write("bundle/deep.json", deep);
    sandbox.write("bundle/deeper.json", "[".repeat(500_000));
    sandbox.collect(3);
    assert_eq!(sandbox.gaps().len(), 2, "{:?}", sandbox.gaps());
}

#[test]
fn messages_show_hostile_names_harmlessly() {
    let sandbox = hostile();
    sandbox.write("bundle/\u{1b}[2Jx.json", "{");
    let ran = sandbox.collect(3);
    assert!(!ran.stderr.contains('\u{1b}'), "{:?}", ran.stderr);
}

/// What commands say of policies, of files and of what was asked, when all of it is written to deceive.
#[test]
fn questions_about_policies_show_nothing_invisible() {
    const HOSTILE: &str = "\u{1b}[31m\u{202e}x\u{200b}\u{7}";
    let sandbox = hostile();
    let policy = |action: &str| serde_json::json!({"Statement": [{"Sid": HOSTILE, "Effect": "Allow", "Action": action, "Resource": format!("arn:aws:s3:::{HOSTILE}/*"), "Condition": {"StringLike": {HOSTILE: HOSTILE}}}]});
    let details = serde_json::json!({"UserDetailList": [{"UserName": USER, "Arn": format!("arn:aws:iam::{ACCOUNT}:user/{USER}"), "CreateDate": OLD, "UserPolicyList": [{"PolicyName": HOSTILE, "PolicyDocument": policy("s3:*")}]}]});
    sandbox.write("bundle/details.json", details.to_string());
    let named = format!("{HOSTILE}.json");
    sandbox.write(&named, policy("s3:*").to_string());
    sandbox.write("narrow.json", policy("s3:GetObject").to_string());
    sandbox.write(
        "broken\u{1b}.json",
        format!("{{\"Statement\":{{\"{HOSTILE}\":1}}}}"),
    );
    std::fs::remove_dir_all(sandbox.path("inv")).unwrap();
    sandbox.collect(0);
    let user = format!("arn:aws:iam::{ACCOUNT}:user/{USER}");
    let resource = format!("arn:aws:s3:::{HOSTILE}/k");
    let context = format!("{HOSTILE}=1");
    let action = format!("s3:{HOSTILE}");
    let simulate = |who: &str, action: &str| -> Vec<String> {
        [
            "simulate",
            "inv",
            "--principal",
            who,
            "--action",
            action,
            "--resource",
            &resource,
            "--context",
            &context,
        ]
        .map(str::to_owned)
        .to_vec()
    };
    let fixed: [&[&str]; 13] = [
        &["who-can", "inv", "--action", "s3:GetObject"],
        &[
            "who-can",
            "inv",
            "--action",
            "s3:GetObject",
            "--resource",
            &resource,
        ],
        &[
            "who-can",
            "inv",
            "--action",
            "s3:GetObject",
            "--format",
            "csv",
        ],
        &[
            "who-can",
            "inv",
            "--action",
            "s3:GetObject",
            "--format",
            "json",
        ],
        &["who-can", "inv", "--action", &action],
        &["prove", "--old", &named, "--new", "narrow.json"],
        &["prove", "--old", "narrow.json", "--new", &named],
        &[
            "prove",
            "--old",
            "narrow.json",
            "--new",
            &named,
            "--kind",
            "resource",
        ],
        &["prove", "--old", "broken\u{1b}.json", "--new", &named],
        &["prove", "--old", HOSTILE, "--new", &named],
        &["catalog", "show", HOSTILE],
        &["catalog", "show", &action],
        &["catalog", "expand", "s3:GetObject", &action, HOSTILE],
    ];
    let mut runs: Vec<Vec<String>> = fixed
        .iter()
        .map(|arguments| {
            arguments
                .iter()
                .map(|argument| (*argument).to_owned())
                .collect()
        })
        .collect();
    runs.extend([
        simulate(&user, "s3:GetObject"),
        simulate(&user, &action),
        simulate(HOSTILE, "s3:GetObject"),
    ]);
    for arguments in runs {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let ran = sandbox.run(&arguments);
        for text in [&ran.stdout, &ran.stderr] {
            let is_inert = |character: char| {
                character == '\n'
                    || !(character.is_control() || "\u{202e}\u{200b}".contains(character))
            };
            // The lines of CSV end so.
            let text = text.replace("\r\n", "\n");
            assert!(text.chars().all(is_inert), "{arguments:?}: {text:?}");
        }
        assert!(
            !(ran.stdout.is_empty() && ran.stderr.is_empty()),
            "{arguments:?}"
        );
    }
}
