//! A workload on AWS: it can have a role without any key.

use super::mark::{MarkSource, Weight};
use super::replacement::Place;
use super::{HolderKind, HolderType, Marks, Seen, trust};

pub(super) static HOLDER: HolderType = HolderType {
    kind: HolderKind::Workload,
    words: "a workload on AWS",
    title: "A workload's access key can give way to its own role",
    marks,
    replacement,
};

const KIND: HolderKind = HolderKind::Workload;

fn marks(seen: &Seen<'_>, marks: &mut Marks) {
    seen.push_from_tables(KIND, marks);
    let has_endpoints = seen
        .facts
        .origin
        .is_some_and(|origin| !origin.vpc_endpoints.is_empty());
    if has_endpoints || seen.network.inside > 0 {
        let fact = format!(
            "calls came {}: from inside a VPC, or a network that is joined to one",
            seen.inside()
        );
        marks.push(KIND, None, MarkSource::Network, Weight::Medium, fact);
    }
    // On most days alone, it may run anywhere.
    let is_told = marks.0.iter().any(|mark| mark.kind == KIND && mark.is_for);
    if is_told && seen.rhythm.never_rests() {
        let fact = format!(
            "used on {} of {} days",
            seen.rhythm.active_days, seen.rhythm.span_days
        );
        marks.push(KIND, None, MarkSource::Rhythm, Weight::Weak, fact);
    }
    if seen.rhythm.rests_on_weekends() && seen.network.outside_networks > 1 {
        let fact = format!(
            "used on no Saturday or Sunday, from {} networks",
            seen.network.outside_networks
        );
        marks.push_against(KIND, MarkSource::Rhythm, Weight::Weak, fact);
    }
}

fn replacement(place: &Place<'_>) -> String {
    let service = |words: &str, service: &str| {
        format!(
            "{words} The role's trust policy: `{}`",
            trust::of_service(service, place.account_id)
        )
    };
    let name = place.holder.name.unwrap_or_default();
    match name {
        "Lambda" => service(
            "Put the user's rights into the function's execution role, and take the key out of the function's environment and code: the SDK takes the role by itself.",
            "lambda.amazonaws.com",
        ),
        "EKS" => format!(
            "Give the pod's service account a role, by EKS Pod Identity or IAM roles for service accounts, with the user's rights, and take the key out of the pod's secrets. The role's trust policy for Pod Identity: `{}`",
            trust::of_pod_identity()
        ),
        "CodeBuild" => service(
            "Put the user's rights into the project's service role, and take the key out of the project's environment.",
            "codebuild.amazonaws.com",
        ),
        "EC2" => service(
            "Give the instance an instance profile with a role that has the user's rights, and take the key off the instance: the SDK takes the role by itself.",
            "ec2.amazonaws.com",
        ),
        name if name.starts_with("ECS") => service(
            "Give the task a task role with the user's rights (for CodeBuild: the project's service role), and take the key out of the task definition: the SDK takes the role by itself.",
            "ecs-tasks.amazonaws.com",
        ),
        _ => service(
            "Find the workload behind the addresses, and give it a role with the user's rights: an instance profile on EC2, a task role on ECS, an execution role for Lambda, EKS Pod Identity or IAM roles for service accounts on EKS. If it is in a network of your own that is joined to the VPC, IAM Roles Anywhere does it.",
            "ec2.amazonaws.com",
        ),
    }
}
