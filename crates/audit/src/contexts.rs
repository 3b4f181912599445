//! One account with what some rules are given besides, each kind of rule as much as it asks.

use leastgrant_access::Graph;
use leastgrant_evidence::Evidence;

use crate::attachment_facts::{AccountAttachments, AttachmentFacts};
use crate::context::Context;
use crate::key_facts::KeyFacts;
use crate::policy_facts::PolicyFacts;
use crate::service_access::ServiceAccess;

/// One account with the policies of all: who can reach its principals may be in another one.
pub(crate) struct PolicyContext<'a> {
    pub account: Context<'a>,
    pub policies: &'a PolicyFacts,
}

/// The same with who can become whom.
pub(crate) struct GraphContext<'a> {
    pub policy: PolicyContext<'a>,
    pub graph: &'a Graph,
}

/// The same with what logs and last-accessed data prove of use.
pub(crate) struct EvidenceContext<'a> {
    pub policy: PolicyContext<'a>,
    pub evidence: &'a Evidence,
    pub service_access: &'a ServiceAccess,
}

/// One account with the keys of all.
pub(crate) struct KeyContext<'a> {
    pub account: Context<'a>,
    pub keys: &'a KeyFacts,
    pub evidence: &'a Evidence,
}

/// One account with what is attached to what.
pub(crate) struct AttachmentContext<'a> {
    pub policy: PolicyContext<'a>,
    pub attachments: &'a AttachmentFacts,
}

impl AttachmentContext<'_> {
    /// What is attached in the account that is judged.
    pub(crate) fn own(&self) -> &AccountAttachments {
        let account_id = &self.policy.account.account.account_id;
        self.attachments.of_account(account_id)
    }
}
