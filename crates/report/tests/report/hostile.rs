//! What an attacker may call a user is inert in every format.

use std::collections::BTreeMap;

use insta::assert_snapshot;
use leastgrant_audit::{AuditOutcome, GateOutcome};
use leastgrant_report::permission_use::PermissionUse;
use leastgrant_report::table::{self, Terminal};
use leastgrant_report::text::terminal_safe;
use leastgrant_report::{
    csv, file_name, gate_text, github, html, json, junit, markdown, owner_markdown, sarif,
};
use pulldown_cmark::{Event, Options, Parser, Tag};
use serde_json::Value;

use crate::outcomes::{PAYLOADS, RULES, hostile, hostile_gate, plain, plain_permission_use};

/// Nothing moves the cursor, reorders text or hides.
fn assert_visible(text: &str) {
    for line in text.lines() {
        assert_eq!(terminal_safe(line), line);
    }
}

#[test]
fn on_a_terminal() {
    let terminal = Terminal {
        width: Some(120),
        color: false,
    };
    let text = table::render(&hostile(), terminal);
    assert_visible(&text);
    assert_snapshot!("table", text);
    let text = table::summary(&hostile());
    assert_visible(&text);
    assert_eq!(text.lines().count(), 2);
    let text = gate_text::render(&hostile_gate(), Terminal::default());
    assert_visible(&text);
    assert_snapshot!("gate_text", text);
}

#[test]
fn in_github_annotations() {
    let gate = hostile_gate();
    let text = github::render(&gate);
    assert_visible(&text);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(
        lines.len(),
        gate.findings.len() + gate.not_checked.len() + gate.gaps.len() + 1
    );
    for line in lines {
        let command = line.strip_prefix("::").unwrap();
        let (name, rest) = command.split_once(" title=").unwrap();
        assert!(["error", "warning", "notice"].contains(&name), "{line}");
        assert!(
            !rest.split_once("::").unwrap().0.contains([':', ',']),
            "{line}"
        );
    }
    assert_snapshot!("github", text);
}

#[test]
fn in_csv() {
    // That no cell begins a formula is tested with the other properties of CSV.
    assert_snapshot!("csv", csv::render(&hostile()).unwrap());
}

#[test]
fn in_json_nothing_is_changed() {
    let text = json::findings(&hostile()).unwrap();
    assert!(!text.contains('\u{1b}'), "JSON escapes control characters");
    let document: Value = serde_json::from_str(&text).unwrap();
    for (number, payload) in PAYLOADS.iter().enumerate() {
        assert_eq!(document["findings"][number]["owner"], *payload);
    }
    assert_snapshot!("json", text);
    let text = json::gate(&hostile_gate()).unwrap();
    assert_snapshot!("gate_json", text);
}

#[test]
fn in_sarif() {
    let text = sarif::audit(&hostile(), &RULES, "manifest.json").unwrap();
    let document: Value = serde_json::from_str(&text).unwrap();
    for (number, payload) in PAYLOADS.iter().enumerate() {
        let result = &document["runs"][0]["results"][number];
        assert_eq!(result["properties"]["owner"], *payload);
        let message = result["message"]["text"].as_str().unwrap();
        assert_visible(message);
        assert!(!message.replace("\\]", "").contains("]("), "{message}");
        assert!(!message.replace("{{", "").contains('{'), "{message}");
    }
    assert_snapshot!(
        "sarif",
        sarif::gate(&hostile_gate(), &RULES, "manifest.json").unwrap()
    );
}

#[test]
fn in_junit() {
    let text = junit::render(&hostile_gate()).unwrap();
    assert_visible(&text);
    let report = quick_junit::Report::deserialize_from_str(&text).unwrap();
    let gate = hostile_gate();
    let findings = gate.findings.len() + gate.exempted.len() + gate.baselined.len();
    assert_eq!(report.tests, findings + gate.not_checked.len());
    assert_eq!(report.failures, gate.findings.len());
    assert_eq!(report.errors, gate.not_checked.len());
    assert_eq!(tags(&text), tags(&junit::render(&harmless_gate()).unwrap()));
    assert_snapshot!("junit", text);
}

#[test]
fn in_html() {
    let text = html::render(&hostile()).unwrap();
    assert_visible(&text);
    assert_eq!(tags(&text), tags(&html::render(&harmless()).unwrap()));
    assert_snapshot!("html", without_assets(&text));
}

#[test]
fn in_markdown() {
    let report = linked_report(&hostile());
    assert_visible(&report);
    assert_inert(&report);
    assert_eq!(
        markdown_structure(&report),
        markdown_structure(&linked_report(&harmless()))
    );
    let codes = markdown_codes(&report);
    for payload in PAYLOADS {
        let payload = terminal_safe(payload);
        assert!(
            codes.contains(&payload.to_string()) || payload.contains('|'),
            "{payload}"
        );
    }
    assert_snapshot!("report_md", report);
}

#[test]
fn in_the_owners_list() {
    let outcome = hostile();
    let findings: Vec<_> = outcome.findings.iter().collect();
    let list = owner_markdown::render(PAYLOADS[3], &findings, None, outcome.as_of, PAYLOADS[8]);
    assert_visible(&list);
    assert_inert(&list);
    let outcome = harmless();
    let findings: Vec<_> = outcome.findings.iter().collect();
    assert_eq!(
        markdown_structure(&list),
        markdown_structure(&owner_markdown::render(
            "x",
            &findings,
            None,
            outcome.as_of,
            "x"
        ))
    );
    assert_snapshot!("owner_md", list);
}

/// What logs show where every name is other people's: each payload is a Region, a reason, an owner or a principal.
fn permission_use(text_of: impl Fn(usize) -> String) -> PermissionUse {
    let mut permission_use = plain_permission_use();
    let account = &mut permission_use.accounts[0];
    account.engines = vec![text_of(0)];
    account.regions = (0..PAYLOADS.len()).map(&text_of).collect();
    account.not_shown = (0..PAYLOADS.len())
        .map(|number| (text_of(number), 1))
        .collect();
    permission_use.accounts_without_logs = (0..PAYLOADS.len()).map(&text_of).collect();
    let principal = permission_use.principals[0].clone();
    permission_use.principals = (0..PAYLOADS.len())
        .map(|number| {
            let mut principal = principal.clone();
            principal.principal_arn = format!("arn:aws:iam::1:user/{}", text_of(number));
            principal.owner = "x".to_owned();
            // The order of the rows is that of the payloads.
            principal.unused = 100 - number;
            principal
        })
        .collect();
    permission_use
}

#[test]
fn in_the_use_of_permissions() {
    let outcome = plain();
    let hostile = permission_use(|number| PAYLOADS[number].to_owned());
    let harmless = permission_use(|number| format!("x{number}"));
    let report = |used: &PermissionUse| markdown::render(&outcome, Some(used), &BTreeMap::new());
    let list =
        |used: &PermissionUse| owner_markdown::render("x", &[], Some(used), outcome.as_of, "x");
    for (found, expected) in [
        (report(&hostile), report(&harmless)),
        (list(&hostile), list(&harmless)),
    ] {
        assert_visible(&found);
        assert_inert(&found);
        assert_eq!(markdown_structure(&found), markdown_structure(&expected));
    }
    let csv = leastgrant_report::permission_use::csv(&hostile).unwrap();
    assert_visible(&csv.replace("\r\n", "\n"));
    assert_eq!(csv.matches("arn:aws:iam::1:user/").count(), PAYLOADS.len());
}

fn linked_report(outcome: &AuditOutcome) -> String {
    let owners = outcome
        .findings
        .iter()
        .map(|finding| finding.owner.as_str());
    markdown::render(outcome, None, &file_name::file_names(owners))
}

/// The hostile outcome with a plain word in place of each payload.
fn harmless() -> AuditOutcome {
    let mut outcome = hostile();
    for (number, finding) in outcome.findings.iter_mut().enumerate() {
        let word = format!("x{number}");
        finding.resource_arn = format!("arn:aws:iam::{}:user/{word}", finding.account_id);
        finding.access_key_id = Some(word.clone());
        finding.owner = word.clone();
        finding.title = word.clone();
        finding.detail = word.clone();
        finding.evidence[0].source = word.clone();
        finding.evidence[0].fact = word.clone();
        finding.remediation = word.clone();
        if let Some(exemption) = &mut finding.exemption {
            exemption.owner = word.clone();
            exemption.reason = word;
        }
    }
    outcome.not_checked[0].reason = "x".to_owned();
    let gap = &mut outcome.gaps[0];
    for text in [&mut gap.source, &mut gap.reason] {
        *text = "x".to_owned();
    }
    gap.account_id = Some("x".to_owned());
    gap.error_code = Some("x".to_owned());
    outcome
}

fn harmless_gate() -> GateOutcome {
    let mut gate = hostile_gate();
    let harmless = harmless().findings;
    for findings in [&mut gate.findings, &mut gate.exempted, &mut gate.baselined] {
        for finding in findings {
            *finding = harmless
                .iter()
                .find(|other| other.id == finding.id)
                .unwrap()
                .clone();
        }
    }
    gate.not_checked[0].reason = "x".to_owned();
    gate
}

/// The names of all tags, in order, but for those in the style and the script.
fn tags(markup: &str) -> Vec<String> {
    without_assets(markup)
        .split('<')
        .skip(1)
        .map(|rest| rest.split([' ', '>', '\n']).next().unwrap().to_owned())
        .collect()
}

/// The page without what stands in its style and script, which no finding has a part in.
fn without_assets(page: &str) -> String {
    let mut text = page.to_owned();
    for (start, end) in [("<style>", "</style>"), ("<script>", "</script>")] {
        if let (Some(from), Some(to)) = (text.find(start), text.rfind(end)) {
            text.replace_range(from + start.len()..to, "");
        }
    }
    text
}

fn events(text: &str) -> Parser<'_> {
    Parser::new_ext(
        text,
        Options::ENABLE_TABLES
            | Options::ENABLE_TASKLISTS
            | Options::ENABLE_STRIKETHROUGH
            | Options::ENABLE_MATH
            | Options::ENABLE_FOOTNOTES,
    )
}

/// No markup and no link is made of a payload, and nothing becomes a link of itself.
fn assert_inert(text: &str) {
    for event in events(text) {
        match event {
            Event::InlineHtml(html) => {
                assert!(["<br>", "<code>", "</code>"].contains(&&*html), "{html}")
            }
            Event::Html(html) => panic!("{html}"),
            Event::Start(Tag::Link { dest_url, .. }) => assert!(
                dest_url.starts_with("owners/") || dest_url.starts_with('#'),
                "{dest_url}"
            ),
            Event::Start(Tag::Image { .. } | Tag::Emphasis | Tag::Strikethrough) => {
                panic!("{event:?}")
            }
            _ => {}
        }
    }
    for line in text.lines() {
        assert!(!line.contains("@everyone") || line.contains('`'), "{line}");
    }
}

/// Blocks, cells and boxes, without texts.
fn markdown_structure(text: &str) -> Vec<String> {
    events(text)
        .filter_map(|event| match event {
            Event::Start(Tag::Link { .. }) => Some("link".to_owned()),
            Event::Start(tag) => Some(format!("{tag:?}")),
            Event::TaskListMarker(done) => Some(format!("box {done}")),
            _ => None,
        })
        .collect()
}

fn markdown_codes(text: &str) -> Vec<String> {
    events(text)
        .filter_map(|event| match event {
            Event::Code(code) => Some(code.into_string()),
            _ => None,
        })
        .collect()
}
