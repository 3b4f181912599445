//! How the subjects of well-known providers are written, and how wide each part of them can be.
//!
//! GitHub Docs, "OpenID Connect reference" (also the form with ids, `repo:OWNER@ID/REPOSITORY@ID:…`); GitLab Docs, "OpenID Connect
//! (OIDC) Authentication Using ID Tokens"; HashiCorp, "Workload Identity"; CircleCI Docs, "Using OpenID Connect tokens in jobs";
//! Buildkite Docs, "OIDC in Buildkite Pipelines"; Kubernetes, "Authenticating", service account tokens.

use crate::Severity;

/// The parts of a subject, from the widest to the narrowest.
#[derive(Debug)]
pub(crate) struct Grammar {
    pub parts: &'static [Part],
    /// What, with a name after it up to the second text, says which place it is, whatever stands before it.
    pub pins: &'static [(&'static str, &'static str)],
    /// A subject that names one thing only.
    pub example: &'static str,
}

/// One part of a subject.
#[derive(Debug)]
pub(crate) struct Part {
    /// The text before it.
    pub label: &'static str,
    /// What nobody has there.
    pub strangers: &'static [Stranger],
    /// Whether somebody else can take any name that a pattern leaves room for.
    pub is_name: bool,
    /// How bad it is if it may be anything; none: as it should be.
    pub severity: Option<Severity>,
    /// Who gets in if it may be anything, with `{0}`, `{1}` for the parts before it and `{each}` for what may be there.
    pub words: &'static str,
}

/// A value of a part, made up.
#[derive(Debug)]
pub(crate) struct Stranger {
    pub value: &'static str,
    /// What it stands for.
    pub words: &'static str,
}

pub(super) const fn stranger(value: &'static str, words: &'static str) -> Stranger {
    Stranger { value, words }
}

pub(super) static GITHUB: Grammar = Grammar {
    parts: &[
        Part {
            label: "repo:",
            strangers: &[stranger("zz-stranger", ""), stranger("zz-stranger@1", "")],
            is_name: true,
            severity: Some(Severity::Critical),
            words: "workflows of repositories of any owner",
        },
        Part {
            label: "/",
            strangers: &[stranger("zz-stranger", ""), stranger("zz-stranger@2", "")],
            is_name: true,
            severity: Some(Severity::Medium),
            words: "workflows of every repository of `{0}`",
        },
        Part {
            label: ":",
            strangers: &[
                stranger("ref:refs/heads/zz-stranger", "every branch"),
                stranger("ref:refs/tags/zz-stranger", "every tag"),
                stranger("pull_request", "pull requests"),
                stranger("environment:zz-stranger", "every environment"),
            ],
            is_name: false,
            severity: Some(Severity::Low),
            words: "workflows of `{0}/{1}` for {each}",
        },
    ],
    pins: &[],
    example: "repo:OWNER/REPOSITORY:ref:refs/heads/main",
};

pub(super) static GITLAB: Grammar = Grammar {
    parts: &[
        Part {
            label: "project_path:",
            strangers: &[stranger("zz-stranger", "")],
            is_name: true,
            severity: Some(Severity::Critical),
            words: "jobs of projects of any group",
        },
        Part {
            label: "/",
            strangers: &[stranger("zz-stranger", "")],
            is_name: true,
            severity: Some(Severity::Medium),
            words: "jobs of every project of the group `{0}`",
        },
        Part {
            label: ":",
            strangers: &[
                stranger("ref_type:branch:ref:zz-stranger", "every branch"),
                stranger("ref_type:tag:ref:zz-stranger", "every tag"),
            ],
            is_name: false,
            severity: Some(Severity::Low),
            words: "jobs of `{0}/{1}` for {each}",
        },
    ],
    pins: &[],
    example: "project_path:GROUP/PROJECT:ref_type:branch:ref:main",
};

pub(super) static TERRAFORM: Grammar = Grammar {
    parts: &[
        Part {
            label: "organization:",
            strangers: &[stranger("zz-stranger", "")],
            is_name: true,
            severity: Some(Severity::Critical),
            words: "runs of any organization",
        },
        Part {
            label: ":project:",
            strangers: &[stranger("zz-stranger", "")],
            is_name: true,
            severity: Some(Severity::Medium),
            words: "runs of every project of the organization `{0}`",
        },
        Part {
            label: ":workspace:",
            strangers: &[stranger("zz-stranger", "")],
            is_name: true,
            severity: Some(Severity::Low),
            words: "runs of every workspace of the project `{1}` of the organization `{0}`",
        },
        Part {
            label: ":run_phase:",
            strangers: &[stranger("plan", ""), stranger("apply", "")],
            is_name: false,
            severity: None,
            words: "",
        },
    ],
    // Names of workspaces are given once in an organization.
    pins: &[(":workspace:", ":run_phase:")],
    example: "organization:ORGANIZATION:project:PROJECT:workspace:WORKSPACE:run_phase:apply",
};

/// The issuer is the organisation's own, so the first part is always the same.
pub(super) static CIRCLECI: Grammar = Grammar {
    parts: &[
        Part {
            label: "org/",
            strangers: &[],
            is_name: false,
            severity: None,
            words: "",
        },
        Part {
            label: "/project/",
            strangers: &[stranger("00000000-0000-0000-0000-00000000dead", "")],
            is_name: false,
            severity: Some(Severity::Medium),
            words: "jobs of every project of the organization `{0}`",
        },
        Part {
            label: "/user/",
            strangers: &[
                stranger("00000000-0000-0000-0000-00000000dead", ""),
                stranger(
                    "00000000-0000-0000-0000-00000000dead/vcs-origin/github.com/zz/zz/vcs-ref/refs/heads/zz",
                    "",
                ),
            ],
            is_name: false,
            severity: None,
            words: "",
        },
    ],
    pins: &[("/vcs-origin/", "/vcs-ref/")],
    example: "org/ORGANIZATION_ID/project/PROJECT_ID/user/USER_ID",
};

pub(super) static BUILDKITE: Grammar = Grammar {
    parts: &[
        Part {
            label: "organization:",
            strangers: &[stranger("zz-stranger", "")],
            is_name: true,
            severity: Some(Severity::Critical),
            words: "builds of any organization",
        },
        Part {
            label: ":pipeline:",
            strangers: &[stranger("zz-stranger", "")],
            is_name: false,
            severity: Some(Severity::Medium),
            words: "builds of every pipeline of the organization `{0}`",
        },
        Part {
            label: ":ref:",
            strangers: &[stranger("refs/heads/main:commit:0:step:zz", "")],
            is_name: false,
            severity: None,
            words: "",
        },
    ],
    pins: &[],
    example: "organization:ORGANIZATION:pipeline:PIPELINE:ref:refs/heads/main:commit:COMMIT:step:STEP",
};

pub(super) static KUBERNETES: Grammar = Grammar {
    parts: &[
        Part {
            label: "system:serviceaccount:",
            strangers: &[stranger("zz-stranger", "")],
            is_name: false,
            severity: Some(Severity::Medium),
            words: "service accounts of every namespace of the cluster",
        },
        Part {
            label: ":",
            strangers: &[stranger("zz-stranger", "")],
            is_name: false,
            severity: Some(Severity::Low),
            words: "every service account of the namespace `{0}`",
        },
    ],
    pins: &[],
    example: "system:serviceaccount:NAMESPACE:SERVICE_ACCOUNT",
};
