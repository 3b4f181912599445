//! How the subjects of further providers are written, as in [`super::grammars`].
//!
//! Codefresh Docs, "OpenID Connect for pipelines"; Scalr Docs, "AWS"; Upbound Docs, "Provider authentication"; Vercel Docs, "OIDC
//! Federation, Reference"; Modal Docs, "OpenID Connect".

use super::grammars::{Grammar, Part, stranger};
use crate::Severity;

pub(super) static CODEFRESH: Grammar = Grammar {
    parts: &[
        Part {
            label: "account:",
            strangers: &[stranger("zz-stranger", "")],
            is_name: true,
            severity: Some(Severity::Critical),
            words: "pipelines of any account",
        },
        Part {
            label: ":pipeline:",
            strangers: &[stranger("zz-stranger", "")],
            is_name: false,
            severity: Some(Severity::Medium),
            words: "every pipeline of the account `{0}`",
        },
        Part {
            label: ":",
            strangers: &[stranger("zz-stranger", "")],
            is_name: false,
            severity: None,
            words: "",
        },
    ],
    pins: &[],
    example: "account:ACCOUNT_ID:pipeline:PIPELINE_ID:*",
};

pub(super) static MODAL: Grammar = Grammar {
    parts: &[
        Part {
            label: "modal:workspace_id:",
            strangers: &[stranger("zz-stranger", "")],
            is_name: true,
            severity: Some(Severity::Critical),
            words: "functions of any workspace",
        },
        Part {
            label: ":environment_name:",
            strangers: &[stranger("zz-stranger", "")],
            is_name: false,
            severity: Some(Severity::Low),
            words: "every function of the workspace `{0}`",
        },
        Part {
            label: ":app_name:",
            strangers: &[stranger("zz-stranger", "")],
            is_name: false,
            severity: Some(Severity::Low),
            words: "every app of the environment `{1}` of the workspace `{0}`",
        },
        Part {
            label: ":function_name:",
            strangers: &[stranger("zz-stranger", "")],
            is_name: false,
            severity: None,
            words: "",
        },
    ],
    pins: &[],
    example: "modal:workspace_id:WORKSPACE_ID:environment_name:ENVIRONMENT:app_name:APP:function_name:FUNCTION",
};

pub(super) static SCALR: Grammar = Grammar {
    parts: &[
        Part {
            label: "account:",
            strangers: &[stranger("zz-stranger", "")],
            is_name: true,
            severity: Some(Severity::Critical),
            words: "runs of any account",
        },
        Part {
            label: ":environment:",
            strangers: &[stranger("zz-stranger", "")],
            is_name: false,
            severity: Some(Severity::Medium),
            words: "runs of every environment of the account `{0}`",
        },
        Part {
            label: ":workspace:",
            strangers: &[stranger("zz-stranger", "")],
            is_name: false,
            severity: Some(Severity::Low),
            words: "runs of every workspace of the environment `{1}` of the account `{0}`",
        },
    ],
    pins: &[],
    example: "account:ACCOUNT:environment:ENVIRONMENT:workspace:WORKSPACE",
};

pub(super) static UPBOUND: Grammar = Grammar {
    parts: &[
        Part {
            label: "mcp:",
            strangers: &[stranger("zz-stranger", "")],
            is_name: true,
            severity: Some(Severity::Critical),
            words: "control planes of any organization",
        },
        Part {
            label: "/",
            strangers: &[stranger("zz-stranger", "")],
            is_name: false,
            severity: Some(Severity::Medium),
            words: "every control plane of the organization `{0}`",
        },
        Part {
            label: ":provider:",
            strangers: &[stranger("zz-stranger", "")],
            is_name: false,
            severity: None,
            words: "",
        },
    ],
    pins: &[],
    example: "mcp:ORGANIZATION/CONTROL_PLANE:provider:PROVIDER",
};

pub(super) static VERCEL: Grammar = Grammar {
    parts: &[
        Part {
            label: "owner:",
            strangers: &[stranger("zz-stranger", "")],
            is_name: true,
            severity: Some(Severity::Critical),
            words: "deployments of any team",
        },
        Part {
            label: ":project:",
            strangers: &[stranger("zz-stranger", "")],
            is_name: false,
            severity: Some(Severity::Medium),
            words: "deployments of every project of the team `{0}`",
        },
        Part {
            label: ":environment:",
            strangers: &[stranger("zz-stranger", "")],
            is_name: false,
            severity: Some(Severity::Low),
            words: "deployments of the project `{1}` of the team `{0}` in every environment",
        },
    ],
    pins: &[],
    example: "owner:TEAM:project:PROJECT:environment:production",
};
