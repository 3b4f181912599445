//! Users with a credential that the credential report does not show, or shows apart.
//!
//! Each user has at most one, because a finding names the user and not the credential.

use super::desk::Desk;
use super::{UserScenario, user};
use crate::model::{Rule, ServiceCredential, User};
use crate::moment::Moment;
use crate::randomness::{hexadecimal, unique_id};

pub(super) static SCENARIOS: &[UserScenario] = &[
    user("ssh-key-old", 2, ssh_key_old),
    user("ssh-key-at-the-limit", 1, ssh_key_at_the_limit),
    user("ssh-key-inactive", 1, ssh_key_inactive),
    user("ssh-key-only", 1, ssh_key_only),
    user("git-password-old", 2, git_password_old),
    user("git-password-new", 1, git_password_new),
    user("model-key-old-that-will-end", 1, model_key_old),
    user("model-key-that-has-ended", 1, model_key_ended),
    user("signing-certificate-old", 1, signing_certificate_old),
    user(
        "signing-certificate-inactive",
        1,
        signing_certificate_inactive,
    ),
];

const GIT: &str = "codecommit.amazonaws.com";
const MODELS: &str = "bedrock.amazonaws.com";

/// A person who signs in, so that the credential for one service is all there is to find.
fn person(desk: &mut Desk<'_>) -> User {
    let created = desk.ago(700, 1600);
    let mut user = desk.person(created);
    user.give_password(desk.ago(100, 600));
    user.sign_in(desk.rhythm(), desk.ago(0, 12));
    user.mfa = true;
    user
}

fn ssh_key(desk: &mut Desk<'_>, active: bool, uploaded: Moment) -> Option<ServiceCredential> {
    Some(ServiceCredential::SshKey {
        id: unique_id(&mut desk.rng, "APKA"),
        active,
        uploaded,
    })
}

fn specific(
    desk: &mut Desk<'_>,
    service: &'static str,
    created: Moment,
    expires: Option<Moment>,
) -> Option<ServiceCredential> {
    Some(ServiceCredential::ServiceSpecific {
        id: unique_id(&mut desk.rng, "ACCA"),
        service,
        created,
        expires,
    })
}

fn certificate(desk: &mut Desk<'_>, active: bool) -> Option<ServiceCredential> {
    Some(ServiceCredential::SigningCertificate {
        id: hexadecimal(&mut desk.rng, 32).to_ascii_uppercase(),
        active,
        uploaded: desk.ago(300, 690),
    })
}

fn ssh_key_old(desk: &mut Desk<'_>) -> User {
    let mut user = person(desk);
    let uploaded = desk.ago(100, 690);
    user.service_credential = ssh_key(desk, true, uploaded);
    user.expect(Rule::LongLivedServiceCredential);
    user
}

fn ssh_key_at_the_limit(desk: &mut Desk<'_>) -> User {
    let mut user = person(desk);
    user.service_credential = ssh_key(desk, true, Moment::days_ago(90));
    user.nearly(&[Rule::LongLivedServiceCredential]);
    user
}

fn ssh_key_inactive(desk: &mut Desk<'_>) -> User {
    let mut user = person(desk);
    let uploaded = desk.ago(300, 690);
    user.service_credential = ssh_key(desk, false, uploaded);
    user.nearly(&[Rule::LongLivedServiceCredential]);
    user
}

/// Neither password nor access key, but a way in all the same.
fn ssh_key_only(desk: &mut Desk<'_>) -> User {
    let created = desk.ago(400, 900);
    let mut user = desk.machine("git", created);
    let uploaded = desk.ago(200, 390);
    user.service_credential = ssh_key(desk, true, uploaded);
    user.expect(Rule::UserWithoutCredentials);
    user.expect(Rule::LongLivedServiceCredential);
    user
}

fn git_password_old(desk: &mut Desk<'_>) -> User {
    let mut user = person(desk);
    let created = desk.ago(100, 690);
    user.service_credential = specific(desk, GIT, created, None);
    user.expect(Rule::LongLivedServiceCredential);
    user
}

fn git_password_new(desk: &mut Desk<'_>) -> User {
    let mut user = person(desk);
    let created = desk.ago(5, 80);
    user.service_credential = specific(desk, GIT, created, None);
    user.nearly(&[Rule::LongLivedServiceCredential]);
    user
}

fn model_key_old(desk: &mut Desk<'_>) -> User {
    let mut user = person(desk);
    let created = desk.ago(120, 180);
    let expires = Moment::days_ago(-200);
    user.service_credential = specific(desk, MODELS, created, Some(expires));
    user.expect(Rule::LongLivedServiceCredential);
    user
}

fn model_key_ended(desk: &mut Desk<'_>) -> User {
    let mut user = person(desk);
    let created = desk.ago(200, 390);
    let expires = Some(desk.ago(30, 100));
    user.service_credential = specific(desk, MODELS, created, expires);
    user.nearly(&[Rule::LongLivedServiceCredential]);
    user
}

fn signing_certificate_old(desk: &mut Desk<'_>) -> User {
    let mut user = person(desk);
    user.service_credential = certificate(desk, true);
    user.expect(Rule::LongLivedServiceCredential);
    user
}

fn signing_certificate_inactive(desk: &mut Desk<'_>) -> User {
    let mut user = person(desk);
    user.service_credential = certificate(desk, false);
    user.nearly(&[Rule::LongLivedServiceCredential]);
    user
}
