//! What runs: functions, instances, containers and the network between them.

use super::{Theme, theme};
use crate::policy::{Statement, allow, condition, deny};

/// Statements about functions.
pub(super) static FUNCTIONS: Theme = theme(
    "functions",
    &[
        &FUNCTION_DEPLOY,
        &FUNCTION_PASS_ROLE,
        &FUNCTION_INVOKE,
        &STATE_MACHINES,
    ],
);

static FUNCTION_DEPLOY: Statement = allow(
    "DeployFunctions",
    &[
        "lambda:CreateFunction",
        "lambda:UpdateFunctionCode",
        "lambda:UpdateFunctionConfiguration",
        "lambda:PublishVersion",
        "lambda:UpdateAlias",
        "lambda:AddPermission",
    ],
    &["arn:aws:lambda:{region}:{account}:function:{app}-*"],
);

static FUNCTION_PASS_ROLE: Statement = allow(
    "HandRoleToFunction",
    &["iam:PassRole"],
    &["arn:aws:iam::{account}:role/service-role/{app}-*"],
)
.when(&[condition(
    "StringEquals",
    &[("iam:PassedToService", &["lambda.amazonaws.com"])],
)]);

static FUNCTION_INVOKE: Statement = allow(
    "CallFunctions",
    &["lambda:InvokeFunction", "lambda:InvokeAsync"],
    &["arn:aws:lambda:*:{account}:function:*"],
);

static STATE_MACHINES: Statement = allow(
    "RunWorkflows",
    &[
        "states:StartExecution",
        "states:DescribeExecution",
        "states:StopExecution",
    ],
    &[
        "arn:aws:states:{region}:{account}:stateMachine:{app}-*",
        "arn:aws:states:{region}:{account}:execution:{app}-*:*",
    ],
);

/// Statements about compute.
pub(super) static COMPUTE: Theme = theme(
    "compute",
    &[
        &COMPUTE_BY_TAG,
        &COMPUTE_DESCRIBE,
        &COMPUTE_SMALL_ONLY,
        &COMPUTE_TAG_AT_LAUNCH,
        &SHELL_BY_TAG,
    ],
);

static COMPUTE_BY_TAG: Statement = allow(
    "OwnInstances",
    &[
        "ec2:StartInstances",
        "ec2:StopInstances",
        "ec2:RebootInstances",
    ],
    &["arn:aws:ec2:{region}:{account}:instance/*"],
)
.when(&[condition(
    "StringEquals",
    &[("aws:ResourceTag/team", &["${aws:PrincipalTag/team}"])],
)]);

static COMPUTE_DESCRIBE: Statement = allow(
    "LookAround",
    &[
        "ec2:Describe*",
        "ec2:Get*",
        "autoscaling:Describe*",
        "elasticloadbalancing:Describe*",
    ],
    &["*"],
);

static COMPUTE_SMALL_ONLY: Statement = deny(
    "SmallInstancesOnly",
    &["ec2:RunInstances"],
    &["arn:aws:ec2:*:*:instance/*"],
)
.when(&[condition(
    "StringNotLike",
    &[("ec2:InstanceType", &["t3.*", "t4g.*", "m7g.medium"])],
)]);

static COMPUTE_TAG_AT_LAUNCH: Statement = allow(
    "TagAtLaunch",
    &["ec2:CreateTags"],
    &["arn:aws:ec2:*:{account}:*/*"],
)
.when(&[condition(
    "StringEquals",
    &[("ec2:CreateAction", &["RunInstances", "CreateVolume"])],
)]);

static SHELL_BY_TAG: Statement = allow(
    "ShellOnOwnInstances",
    &[
        "ssm:StartSession",
        "ssm:SendCommand",
        "ssm:TerminateSession",
    ],
    &[
        "arn:aws:ec2:{region}:{account}:instance/*",
        "arn:aws:ssm:*:*:document/AWS-RunShellScript",
        "arn:aws:ssm:*:{account}:session/${aws:username}-*",
    ],
);

/// Statements about containers.
pub(super) static CONTAINERS: Theme = theme(
    "containers",
    &[
        &CLUSTER_DESCRIBE,
        &REGISTRY_PUSH,
        &TASKS_RUN,
        &TASKS_PASS_ROLE,
    ],
);

static CLUSTER_DESCRIBE: Statement = allow(
    "SeeClusters",
    &[
        "eks:DescribeCluster",
        "eks:ListClusters",
        "eks:AccessKubernetesApi",
    ],
    &["arn:aws:eks:*:{account}:cluster/*"],
);

static REGISTRY_PUSH: Statement = allow(
    "PushImages",
    &[
        "ecr:BatchCheckLayerAvailability",
        "ecr:BatchGetImage",
        "ecr:CompleteLayerUpload",
        "ecr:InitiateLayerUpload",
        "ecr:PutImage",
        "ecr:UploadLayerPart",
    ],
    &["arn:aws:ecr:{region}:{account}:repository/{app}"],
);

static TASKS_RUN: Statement = allow(
    "RunTasks",
    &["ecs:RunTask", "ecs:StopTask"],
    &[
        "arn:aws:ecs:{region}:{account}:task-definition/{app}-*",
        "arn:aws:ecs:{region}:{account}:task/*/*",
    ],
)
.when(&[condition(
    "ArnEquals",
    &[(
        "ecs:cluster",
        &["arn:aws:ecs:{region}:{account}:cluster/{app}"],
    )],
)]);

static TASKS_PASS_ROLE: Statement = allow(
    "HandRolesToTasks",
    &["iam:PassRole"],
    &[
        "arn:aws:iam::{account}:role/{app}-task",
        "arn:aws:iam::{account}:role/{app}-execution",
    ],
)
.when(&[condition(
    "StringLike",
    &[("iam:PassedToService", &["ecs-tasks.amazonaws.com*"])],
)]);

/// Statements about network.
pub(super) static NETWORK: Theme = theme(
    "network",
    &[&DNS_ONE_ZONE, &EDGE_CACHE, &FIREWALL_READ, &NETWORK_READ],
);

static DNS_ONE_ZONE: Statement = allow(
    "OneZone",
    &[
        "route53:ChangeResourceRecordSets",
        "route53:ListResourceRecordSets",
    ],
    &["arn:aws:route53:::hostedzone/Z0MADEUPDEMOZONE01"],
);

static EDGE_CACHE: Statement = allow(
    "EmptyCache",
    &[
        "cloudfront:CreateInvalidation",
        "cloudfront:GetDistribution",
    ],
    &["arn:aws:cloudfront::{account}:distribution/*"],
);

static FIREWALL_READ: Statement = allow(
    "SeeFirewalls",
    &["wafv2:Get*", "wafv2:List*", "network-firewall:Describe*"],
    &["*"],
);

static NETWORK_READ: Statement = allow(
    "SeeNetworks",
    &[
        "ec2:DescribeVpcs",
        "ec2:DescribeSubnets",
        "ec2:DescribeRouteTables",
        "directconnect:Describe*",
    ],
    &["*"],
);
