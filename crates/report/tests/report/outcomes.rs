//! The outcomes that the tests render.

use leastgrant_audit::{
    AppliedExemption, AuditOutcome, Confidence, Evidence, Finding, GateOutcome, GateResult, Limits,
    NotChecked, Ranked, ResourceType, RuleMetadata, Severity,
};
use leastgrant_inventory::{DataKind, Gap, Timestamp};
use leastgrant_report::permission_use::{LoggedAccount, PermissionUse, PrincipalUse};

/// The accounts of both outcomes.
pub(crate) const ACCOUNTS: [&str; 2] = ["111122223333", "444455556666"];

const REPORT: &str = "credential report of 2026-01-31T08:00:00Z";

/// Some of the rules, as the registry describes them.
pub(crate) const RULES: [&RuleMetadata; 2] = [
    &RuleMetadata {
        id: "root-access-key",
        severity: Severity::Critical,
        worst_severity: Severity::Critical,
        summary: "the root user has an access key",
        what_it_does: "Reports every active access key of an account's root user.",
        why_it_is_bad: "Whoever holds the key can do everything in the account, and no policy limits it.",
        evidence_needed: "the credential report",
        limits: "The credential report is up to four hours old.",
        remediation: "Delete the key; use a role for what it did.",
        references: &[
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/root-user-best-practices.html",
            "CIS AWS Foundations 3.0, 1.4",
        ],
    },
    &RuleMetadata {
        id: "unrotated-access-key",
        severity: Severity::High,
        worst_severity: Severity::High,
        summary: "an active access key is older than the limit",
        what_it_does: "Reports active access keys that were made more than `max-key-age` days ago.",
        why_it_is_bad: "The longer a key lives, the more places it has leaked to.",
        evidence_needed: "access keys or the credential report",
        limits: "A key that was replaced but not deactivated is reported as well.",
        remediation: "Make a new key, move what uses the old one, deactivate it and delete it later.",
        references: &[],
    },
];

/// What logs of one of the accounts show of two principals.
pub(crate) fn plain_permission_use() -> PermissionUse {
    let time = |text: &str| text.parse().unwrap();
    let principal = |name: &str, owner: &str, numbers: [usize; 5]| {
        let [used, unused, unknown, services_used, unknown_policies] = numbers;
        PrincipalUse {
            account_id: ACCOUNTS[0].to_owned(),
            principal_arn: format!("arn:aws:iam::{}:{name}", ACCOUNTS[0]),
            owner: owner.to_owned(),
            granted: used + unused + unknown,
            used,
            unused,
            unknown,
            services_used,
            last_used_at: (used > 0).then(|| time("2026-01-30T23:00:00Z")),
            has_unknown_policies: unknown_policies > 0,
        }
    };
    PermissionUse {
        accounts: vec![LoggedAccount {
            account_id: ACCOUNTS[0].to_owned(),
            from: time("2025-10-01T00:03:12Z"),
            to: time("2026-01-30T23:58:40Z"),
            days: 122,
            engines: vec!["s3".to_owned()],
            regions: vec!["eu-central-1".to_owned(), "us-east-1".to_owned()],
            logs_all_regions: false,
            shown: 15_803,
            not_shown: vec![
                ("no event shows the permission".to_owned(), 3_911),
                ("a data event that no trail logs".to_owned(), 2_377),
            ],
        }],
        accounts_without_logs: vec![ACCOUNTS[1].to_owned()],
        principals: vec![
            principal(
                "role/service/report-exporter",
                "payments-team",
                [0, 41, 8, 0, 0],
            ),
            principal("user/ci/deploy-bot", "payments-team", [17, 386, 92, 5, 1]),
        ],
    }
}

/// Ten findings in two accounts.
pub(crate) fn plain() -> AuditOutcome {
    AuditOutcome {
        as_of: as_of(),
        accounts: ACCOUNTS.map(str::to_owned).to_vec(),
        findings: plain_findings(),
        ranking: plain_ranking(),
        not_checked: vec![
            NotChecked {
                rule: "stale-role",
                account_id: ACCOUNTS[1].to_owned(),
                reason: "the bundle has no authorization details of this account".to_owned(),
            },
            NotChecked {
                rule: "weak-password-policy",
                account_id: ACCOUNTS[0].to_owned(),
                reason: "the bundle has no password policy of this account".to_owned(),
            },
        ],
        notes: vec![
            "no resource policies were collected: `s3` was not taken into account".to_owned(),
        ],
        gaps: vec![
            Gap {
                account_id: Some(ACCOUNTS[1].to_owned()),
                source: "bundle/444455556666/authorization-details.json:1".to_owned(),
                reason: "the file ends in the middle of a value; export it again".to_owned(),
                error_code: None,
                unknowable: vec![DataKind::AuthorizationDetails],
            },
            Gap {
                account_id: None,
                source: "bundle/notes.txt".to_owned(),
                reason: "not a file that `collect` knows".to_owned(),
                error_code: None,
                unknowable: vec![],
            },
        ],
    }
}

/// The open ones of the plain findings, the last first: an order that is not theirs.
fn plain_ranking() -> Vec<Ranked> {
    let mut ranking = ranking(&plain_findings());
    ranking.reverse();
    ranking
}

fn ranking(findings: &[Finding]) -> Vec<Ranked> {
    let open = findings
        .iter()
        .enumerate()
        .filter(|(_, finding)| finding.exemption.is_none());
    open.map(|(index, finding)| Ranked {
        finding_id: finding.id.clone(),
        index,
        score: 24,
        because: vec![
            "severity high (×4)".to_owned(),
            "it can read secrets (×3)".to_owned(),
            "no MFA (×2)".to_owned(),
        ],
    })
    .collect()
}

/// A gate that fails on three of the plain findings.
pub(crate) fn plain_gate() -> GateOutcome {
    let outcome = plain();
    let (mut findings, mut exempted, mut baselined) = (vec![], vec![], vec![]);
    for finding in outcome.findings {
        match finding.rule {
            _ if finding.exemption.is_some() => exempted.push(finding),
            "unused-access-key" => baselined.push(finding),
            "root-access-key" | "unrotated-access-key" => findings.push(finding),
            _ => {}
        }
    }
    GateOutcome {
        result: GateResult::Fail,
        as_of: outcome.as_of,
        limits: Limits {
            max_key_age_days: Some(90),
            max_unused_days: Some(90),
            fail_on: Some(Severity::Critical),
            max_inventory_age_days: None,
        },
        findings,
        exempted,
        baselined,
        not_checked: outcome.not_checked,
        gaps: outcome.gaps,
    }
}

/// A gate at which nothing was found.
pub(crate) fn passing_gate() -> GateOutcome {
    GateOutcome {
        result: GateResult::Pass,
        findings: vec![],
        exempted: vec![],
        baselined: vec![],
        not_checked: vec![],
        gaps: vec![],
        ..plain_gate()
    }
}

/// An audit that found nothing.
pub(crate) fn empty() -> AuditOutcome {
    AuditOutcome {
        as_of: as_of(),
        accounts: vec![ACCOUNTS[0].to_owned()],
        findings: vec![],
        ranking: vec![],
        not_checked: vec![],
        notes: vec![],
        gaps: vec![],
    }
}

pub(crate) fn as_of() -> Timestamp {
    "2026-01-31T08:00:00Z".parse().unwrap()
}

fn plain_findings() -> Vec<Finding> {
    let template = Finding {
        id: String::new(),
        rule: "unrotated-access-key",
        severity: Severity::High,
        confidence: Confidence::High,
        account_id: ACCOUNTS[0].to_owned(),
        resource_arn: String::new(),
        resource_type: ResourceType::User,
        access_key_id: None,
        owner: "payments-team".to_owned(),
        title: "access key not rotated".to_owned(),
        detail: String::new(),
        evidence: vec![],
        remediation:
            "Create a second key, put it into use, deactivate the old one, wait, look at its last use again, then delete it."
                .to_owned(),
        exemption: None,
    };
    let evidence = |source: &str, fact: &str| Evidence {
        source: source.to_owned(),
        fact: fact.to_owned(),
    };
    vec![
        Finding {
            id: "0d9a4c2f81b7e635".to_owned(),
            rule: "root-access-key",
            severity: Severity::Critical,
            account_id: ACCOUNTS[1].to_owned(),
            resource_arn: "arn:aws:iam::444455556666:root".to_owned(),
            resource_type: ResourceType::Root,
            owner: "cloud-platform@example.com".to_owned(),
            title: "the root user has an active access key".to_owned(),
            detail: "access key 1 of the root user is active; its id cannot be told from the credential report"
                .to_owned(),
            evidence: vec![evidence(REPORT, "access_key_1_active is true")],
            remediation: "Find what uses the key, move it to a role, deactivate the key, and delete it after a quiet time.".to_owned(),
            ..template.clone()
        },
        Finding {
            id: "5b1e07d3c4a99f20".to_owned(),
            resource_arn: "arn:aws:iam::111122223333:user/ci/deploy-bot".to_owned(),
            access_key_id: Some("AKIAIOSFODNN7EXAMPLE".to_owned()),
            detail: "AKIAIOSFODNN7EXAMPLE is active and 412 days old (limit 90); last used 2026-01-30 for s3 in eu-central-1"
                .to_owned(),
            evidence: vec![
                evidence("iam:ListAccessKeys of 2026-01-31T08:00:00Z", "created 2024-12-15T10:12:00Z, status Active"),
                evidence(REPORT, "access_key_1_last_used_date is 2026-01-30T23:00:00Z"),
            ],
            ..template.clone()
        },
        Finding {
            id: "77c02b9e15fd4a88".to_owned(),
            account_id: ACCOUNTS[1].to_owned(),
            resource_arn: "arn:aws:iam::444455556666:user/vendor-backup".to_owned(),
            access_key_id: Some("AKIAI44QH8DHBEXAMPLE".to_owned()),
            owner: "unowned".to_owned(),
            detail: "AKIAI44QH8DHBEXAMPLE is active and 1,204 days old (limit 90); never used".to_owned(),
            evidence: vec![evidence(REPORT, "access_key_1_last_rotated is 2022-10-15T09:00:00Z")],
            ..template.clone()
        },
        Finding {
            id: "a90c5d2177be3f14".to_owned(),
            resource_arn: "arn:aws:iam::111122223333:user/legacy-sftp".to_owned(),
            access_key_id: Some("AKIAJTHMFUP5EXAMPLE1".to_owned()),
            detail: "AKIAJTHMFUP5EXAMPLE1 is active and 730 days old (limit 90); last used 2026-01-31".to_owned(),
            evidence: vec![evidence(REPORT, "access_key_1_last_rotated is 2024-02-01T00:00:00Z")],
            exemption: Some(AppliedExemption {
                owner: "payments-team".to_owned(),
                reason: "the partner's appliance cannot assume roles; replaced in Q2".to_owned(),
                expires: "2026-06-30".to_owned(),
            }),
            ..template.clone()
        },
        Finding {
            id: "e3f1886d02ac7b59".to_owned(),
            rule: "user-without-mfa",
            resource_arn: "arn:aws:iam::111122223333:user/alice@example.com".to_owned(),
            title: "console user without MFA".to_owned(),
            detail: "alice@example.com has a console password and no MFA device".to_owned(),
            evidence: vec![evidence(REPORT, "password_enabled is true, mfa_active is false")],
            remediation: "Register an MFA device, or remove the password and let the person sign in through Identity Center.".to_owned(),
            ..template.clone()
        },
        Finding {
            id: "1c7740aa5e9b26d3".to_owned(),
            rule: "stale-role",
            severity: Severity::Medium,
            confidence: Confidence::Medium,
            resource_arn: "arn:aws:iam::111122223333:role/service/report-exporter".to_owned(),
            resource_type: ResourceType::Role,
            title: "role not used".to_owned(),
            detail: "last used 2025-06-02, 243 days ago (limit 90); AWS tracks the last 400 days".to_owned(),
            evidence: vec![evidence("iam:GetRole of 2026-01-31T08:00:00Z", "RoleLastUsed is 2025-06-02T04:10:00Z in eu-west-1")],
            remediation: "Ask the owner. Delete the role, or first take away its trust policy's principals and wait.".to_owned(),
            ..template.clone()
        },
        Finding {
            id: "3fa2c6e8d1047b95".to_owned(),
            rule: "unused-access-key",
            severity: Severity::Medium,
            account_id: ACCOUNTS[1].to_owned(),
            resource_arn: "arn:aws:iam::444455556666:user/vendor-backup".to_owned(),
            access_key_id: Some("AKIAI44QH8DHBEXAMPLE".to_owned()),
            owner: "unowned".to_owned(),
            title: "active access key not used".to_owned(),
            detail: "AKIAI44QH8DHBEXAMPLE was never used in the 1,204 days since it was made (limit 90)".to_owned(),
            evidence: vec![evidence(REPORT, "access_key_1_last_used_date is N/A")],
            remediation: "Ask the owner; deactivate the key, wait, look at the last use again, then delete the key.".to_owned(),
            ..template.clone()
        },
        Finding {
            id: "b04d95e7f3c1682a".to_owned(),
            rule: "unused-password",
            severity: Severity::Medium,
            resource_arn: "arn:aws:iam::111122223333:user/alice@example.com".to_owned(),
            title: "console password not used".to_owned(),
            detail: "the password of alice@example.com was last used 2025-08-11, 173 days ago (limit 90)".to_owned(),
            evidence: vec![evidence(REPORT, "password_last_used is 2025-08-11T07:31:00Z")],
            remediation: "Ask the owner; remove the password (delete the login profile).".to_owned(),
            ..template.clone()
        },
        Finding {
            id: "60e8b1f4297d5ac3".to_owned(),
            rule: "long-lived-service-credential",
            severity: Severity::Low,
            resource_arn: "arn:aws:iam::111122223333:user/ci/deploy-bot".to_owned(),
            title: "SSH key for CodeCommit".to_owned(),
            detail: "SSH public key APKAEIBAERJR2EXAMPLE is active and 900 days old".to_owned(),
            evidence: vec![evidence("iam:ListSSHPublicKeys of 2026-01-31T08:00:00Z", "uploaded 2023-08-15T12:00:00Z, status Active")],
            remediation: "Delete the SSH key and use `git-remote-codecommit` with a role.".to_owned(),
            ..template.clone()
        },
        Finding {
            id: "f2b7093c8a6d14e5".to_owned(),
            rule: "user-without-credentials",
            severity: Severity::Low,
            account_id: ACCOUNTS[1].to_owned(),
            resource_arn: "arn:aws:iam::444455556666:user/old-intern".to_owned(),
            owner: "unowned".to_owned(),
            title: "user without any credential".to_owned(),
            detail: "old-intern has no password and no active access key".to_owned(),
            evidence: vec![evidence(REPORT, "password_enabled, access_key_1_active and access_key_2_active are false")],
            remediation: "If nobody needs the user, delete it with what hangs on it.".to_owned(),
            ..template
        },
    ]
}

/// What an attacker may write into a name, tag or message. Each is inert in every format.
pub(crate) const PAYLOADS: [&str; 12] = [
    "=cmd|' /C calc'!A0",
    "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>",
    "[click](http://evil.example/)",
    "`` code ` span ```",
    "a|b\\|c",
    "\u{1b}[31mred\u{1b}[0m\u{9b}31m",
    "line\r\n::error::injected\n# heading\n- [x] done",
    "user\u{202e}gnp.exe\u{2066}\u{200b}",
    "../../x",
    "@everyone #1 www.evil.example https://evil.example/",
    "]]>&lt;!--\u{fffe}",
    "*b* _i_ ~~s~~ $m$ {{ 7 * 7 }} {% raw %} {0} ${x}",
];

/// A finding for each payload, which stands wherever an attacker's text can stand.
pub(crate) fn hostile() -> AuditOutcome {
    let findings: Vec<Finding> = PAYLOADS
        .iter()
        .enumerate()
        .map(|(number, payload)| hostile_finding(number, payload))
        .collect();
    let all = PAYLOADS.join(" ");
    AuditOutcome {
        ranking: ranking(&findings),
        findings,
        not_checked: vec![NotChecked {
            rule: "stale-role",
            account_id: ACCOUNTS[0].to_owned(),
            reason: all.clone(),
        }],
        notes: vec![all.clone()],
        gaps: vec![Gap {
            account_id: Some(PAYLOADS[1].to_owned()),
            source: all.clone(),
            reason: all,
            error_code: Some(PAYLOADS[1].to_owned()),
            unknowable: vec![DataKind::Users, DataKind::CredentialReport],
        }],
        ..plain()
    }
}

/// The hostile findings by turns failing, exempted and in the baseline.
pub(crate) fn hostile_gate() -> GateOutcome {
    let outcome = hostile();
    let (mut findings, mut exempted, mut baselined) = (vec![], vec![], vec![]);
    for (number, finding) in outcome.findings.into_iter().enumerate() {
        match number % 3 {
            _ if finding.exemption.is_some() => exempted.push(finding),
            2 => baselined.push(finding),
            _ => findings.push(finding),
        }
    }
    GateOutcome {
        findings,
        exempted,
        baselined,
        not_checked: outcome.not_checked,
        gaps: outcome.gaps,
        ..plain_gate()
    }
}

fn hostile_finding(number: usize, payload: &str) -> Finding {
    let exemption = (number % 4 == 3).then(|| AppliedExemption {
        owner: payload.to_owned(),
        reason: payload.to_owned(),
        expires: "2026-06-30".to_owned(),
    });
    Finding {
        id: format!("{number:016x}"),
        rule: "unrotated-access-key",
        severity: Severity::High,
        confidence: Confidence::High,
        account_id: ACCOUNTS[number % 2].to_owned(),
        resource_arn: format!("arn:aws:iam::{}:user/{payload}", ACCOUNTS[number % 2]),
        resource_type: ResourceType::User,
        access_key_id: Some(payload.to_owned()),
        owner: payload.to_owned(),
        title: payload.to_owned(),
        detail: payload.to_owned(),
        evidence: vec![Evidence {
            source: payload.to_owned(),
            fact: payload.to_owned(),
        }],
        remediation: payload.to_owned(),
        exemption,
    }
}
