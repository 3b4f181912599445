//! `minimize --from-terraform`: the smaller policies as changes of the Terraform that is there.

use std::process::Command;

use serde_json::{Value, json};

use crate::minimize::{call, collected, days, managed, policy, role};
use crate::support::{ACCOUNT, Sandbox};

/// Queues are used, nothing else is.
fn documents() -> Vec<(&'static str, Value)> {
    let queues = json!({"Sid": "Queues", "Effect": "Allow", "Action": ["sqs:*", "sns:Publish"], "Resource": "*"});
    let regions = json!({"Sid": "Regions", "Effect": "Allow", "Action": "ec2:DescribeRegions", "Resource": "*",
        "Condition": {"Bool": {"aws:SecureTransport": "true"}}});
    let never = json!({"Sid": "Never", "Effect": "Deny", "Action": "sqs:PurgeQueue", "Resource": "arn:aws:sqs:*:*:${aws:username}"});
    vec![
        ("data-source", policy(json!([queues, regions, never]))),
        ("encoded", policy(json!([queues, regions, never]))),
        ("heredoc", policy(json!([queues, never]))),
        ("file", policy(json!([queues, never]))),
        ("another", policy(json!([queues, never]))),
        ("composed", policy(json!([queues, never]))),
        ("computed", policy(json!([queues]))),
        ("also-output", policy(json!([queues]))),
        ("drifted", policy(json!([queues, regions]))),
        ("repeated", policy(json!([queues]))),
        ("in-role", policy(json!([queues]))),
        ("not-there", policy(json!([queues]))),
    ]
}

fn terraform(sandbox: &Sandbox) {
    let heredoc = documents().remove(2).1;
    let heredoc = serde_json::to_string_pretty(&heredoc)
        .unwrap()
        .replace("${", "$${");
    let heredoc: Vec<String> = heredoc.lines().map(|line| format!("    {line}")).collect();
    let heredoc = heredoc.join("\n");
    // What each is for stands in its comment; the account has the names.
    sandbox.write(
        "tf/main.tf",
        r#"resource "aws_iam_role" "web" {
  name = "web"

  inline_policy {
    name   = "in-role"
    policy = jsonencode({ Version = "2012-10-17", Statement = [{ Sid = "Queues", Effect = "Allow", Action = ["sqs:*", "sns:Publish"], Resource = "*" }] })
  }
}

# Statements stay where they are, with their comments.
data "aws_iam_policy_document" "own" {
  statement {
    sid = "Queues" # for the workers
    actions = [
      "sqs:*",
      "sns:Publish",
    ]
    resources = ["*"]
  }

  # Nobody asks for them.
  statement {
    sid       = "Regions"
    actions   = ["ec2:DescribeRegions"]
    resources = ["*"]

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["true"]
    }
  }

  statement {
    sid       = "Never"
    effect    = "Deny"
    actions   = ["sqs:PurgeQueue"]
    resources = ["arn:aws:sqs:*:*:&{aws:username}"]
  }
}

resource "aws_iam_role_policy" "own" {
  name   = "data-source"
  role   = aws_iam_role.web.id
  policy = data.aws_iam_policy_document.own.json
}

resource "aws_iam_role_policy" "encoded" {
  name = "encoded"
  role = "web"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Sid = "Queues", Effect = "Allow", Action = ["sqs:*", "sns:Publish"], Resource = "*" },
      {
        Sid       = "Regions"
        Effect    = "Allow"
        Action    = "ec2:DescribeRegions"
        Resource  = "*"
        Condition = { Bool = { "aws:SecureTransport" = "true" } }
      },
      { Sid = "Never", Effect = "Deny", Action = "sqs:PurgeQueue", Resource = "arn:aws:sqs:*:*:$${aws:username}" },
    ]
  })
}
"#,
    );
    sandbox.write(
        "tf/modules/more/more.tf",
        format!(
            r#"resource "aws_iam_role_policy" "heredoc" {{
  name   = "heredoc"
  role   = "web"
  policy = <<-EOT
{heredoc}
  EOT
}}

resource "aws_iam_role_policy" "file" {{
  name   = "file"
  role   = "web"
  policy = file("${{path.module}}/file.json")
}}

# It says something else than the account.
resource "aws_iam_role_policy" "another" {{
  name   = "another"
  role   = "web"
  policy = jsonencode({{ Version = "2012-10-17", Statement = [{{ Effect = "Allow", Action = "s3:*", Resource = "*" }}] }})
}}

# It is put together from others.
data "aws_iam_policy_document" "composed" {{
  source_policy_documents = [data.aws_iam_policy_document.base.json]
}}

resource "aws_iam_role_policy" "composed" {{
  name   = "composed"
  role   = "web"
  policy = data.aws_iam_policy_document.composed.json
}}

# Nobody knows what the variable says.
resource "aws_iam_role_policy" "computed" {{
  name   = "computed"
  role   = "web"
  policy = jsonencode({{ Version = "2012-10-17", Statement = [{{ Sid = "Queues", Effect = "Allow", Action = ["sqs:*", "sns:Publish"], Resource = var.queues }}] }})
}}

# Somebody else uses the document too.
data "aws_iam_policy_document" "also_output" {{
  statement {{
    sid       = "Queues"
    actions   = ["sqs:*", "sns:Publish"]
    resources = ["*"]
  }}
}}

resource "aws_iam_role_policy" "also_output" {{
  name   = "also-output"
  role   = "web"
  policy = data.aws_iam_policy_document.also_output.json
}}

output "document" {{
  value = data.aws_iam_policy_document.also_output.json
}}

# The condition is another one.
resource "aws_iam_role_policy" "drifted" {{
  name = "drifted"
  role = "web"
  policy = jsonencode({{ Version = "2012-10-17", Statement = [
    {{ Sid = "Queues", Effect = "Allow", Action = ["sqs:*", "sns:Publish"], Resource = "*" }},
    {{ Sid = "Regions", Effect = "Allow", Action = "ec2:DescribeRegions", Resource = "*", Condition = {{ Bool = {{ "aws:SecureTransport" = false }} }} }},
  ] }})
}}

# One block stands for several.
resource "aws_iam_role_policy" "repeated" {{
  for_each = var.roles
  name     = "repeated"
  role     = "web"
  policy   = jsonencode({{ Version = "2012-10-17", Statement = {{ Sid = "Queues", Effect = "Allow", Action = ["sqs:*", "sns:Publish"], Resource = "*" }} }})
}}

# A file outside of the module is never read.
resource "aws_iam_policy" "shared" {{
  name   = "shared"
  path   = "/team/"
  policy = file("../../../inv/manifest.json")
}}
"#
        ),
    );
    let file = documents().remove(3).1;
    sandbox.write(
        "tf/modules/more/file.json",
        serde_json::to_string_pretty(&file).unwrap() + "\n",
    );
    sandbox.write(
        "tf/broken.tf",
        "resource \"aws_iam_policy\" {\n  name = \n}\n",
    );
    // What Terraform downloads is none of ours.
    sandbox.write("tf/.terraform/modules/x.tf", "resource {");
}

fn account() -> Sandbox {
    let documents = documents();
    let inline: Vec<(&str, Value)> = documents
        .iter()
        .map(|(name, own)| (*name, own.clone()))
        .collect();
    let shared = format!("arn:aws:iam::{ACCOUNT}:policy/team/shared");
    let web = role("web", "2020-01-01T00:00:00Z", &inline, &[&shared]);
    let own = policy(
        json!([{"Effect": "Allow", "Action": ["sqs:GetQueueAttributes", "sns:Publish"], "Resource": "*"}]),
    );
    let calls: Vec<Value> = days()
        .map(|day| {
            let queue = format!("https://sqs.us-east-1.amazonaws.com/{ACCOUNT}/jobs");
            call(
                "web",
                "sqs",
                "GetQueueAttributes",
                &day,
                json!({"queueUrl": queue}),
            )
        })
        .collect();
    collected(&[web], &[managed(&shared, 1, &own)], &calls)
}

#[test]
fn statements_that_are_written_out_are_changed_in_place_and_all_else_is_named() {
    let sandbox = account();
    terraform(&sandbox);
    let ran = sandbox
        .run(&["minimize", "inv", "--out", "min", "--from-terraform", "tf"])
        .expect_code(0);
    insta::assert_snapshot!(sandbox.read("min/terraform.diff"), @r#"
    # broken.tf: is no HCL from line 2 on and was not read
    # modules/more/aws_iam_role_policy.another: it does not say what the account has
    # modules/more/aws_iam_role_policy.composed: its document is put together from others
    # modules/more/aws_iam_role_policy.computed: resources of a statement that changes are computed
    # modules/more/aws_iam_role_policy.drifted: it does not say what the account has
    # modules/more/aws_iam_role_policy.repeated: it is made for several at once, or by another provider
    # modules/more/aws_iam_policy.shared: its file is outside of the module, or has a computed name
    # `not-there` of `arn:aws:iam::111122223333:role/web`: not found by name: it may be made elsewhere, or have a computed name
    # modules/more/aws_iam_role_policy.also_output: its document is also used by something that does not change in the same way
    --- a/main.tf
    +++ b/main.tf
    @@ -3,7 +3,16 @@
     
       inline_policy {
         name   = "in-role"
    -    policy = jsonencode({ Version = "2012-10-17", Statement = [{ Sid = "Queues", Effect = "Allow", Action = ["sqs:*", "sns:Publish"], Resource = "*" }] })
    +    policy = jsonencode({ Version = "2012-10-17", Statement = [{ Sid = "Queues", Effect = "Allow", Action = [
    +      "sqs:ChangeMessageVisibility",
    +      "sqs:DeleteMessage",
    +      "sqs:ReceiveMessage",
    +      "sqs:SendMessage",
    +      "sqs:TagQueue",
    +      "sqs:UntagQueue",
    +      "sns:Publish",
    +    ], Resource = "*" },
    +    { Sid = "Queues2", Effect = "Allow", Action = ["sqs:GetQueueAttributes"], Resource = ["arn:aws:sqs:us-east-1:111122223333:jobs"] }] })
       }
     }
     
    @@ -12,23 +21,21 @@
       statement {
         sid = "Queues" # for the workers
         actions = [
    -      "sqs:*",
    +      "sqs:ChangeMessageVisibility",
    +      "sqs:DeleteMessage",
    +      "sqs:ReceiveMessage",
    +      "sqs:SendMessage",
    +      "sqs:TagQueue",
    +      "sqs:UntagQueue",
           "sns:Publish",
         ]
         resources = ["*"]
       }
     
    -  # Nobody asks for them.
       statement {
    -    sid       = "Regions"
    -    actions   = ["ec2:DescribeRegions"]
    -    resources = ["*"]
    -
    -    condition {
    -      test     = "Bool"
    -      variable = "aws:SecureTransport"
    -      values   = ["true"]
    -    }
    +    sid = "Queues2" # for the workers
    +    actions = ["sqs:GetQueueAttributes"]
    +    resources = ["arn:aws:sqs:us-east-1:111122223333:jobs"]
       }
     
       statement {
    @@ -51,14 +58,16 @@
       policy = jsonencode({
         Version = "2012-10-17"
         Statement = [
    -      { Sid = "Queues", Effect = "Allow", Action = ["sqs:*", "sns:Publish"], Resource = "*" },
    -      {
    -        Sid       = "Regions"
    -        Effect    = "Allow"
    -        Action    = "ec2:DescribeRegions"
    -        Resource  = "*"
    -        Condition = { Bool = { "aws:SecureTransport" = "true" } }
    -      },
    +      { Sid = "Queues", Effect = "Allow", Action = [
    +        "sqs:ChangeMessageVisibility",
    +        "sqs:DeleteMessage",
    +        "sqs:ReceiveMessage",
    +        "sqs:SendMessage",
    +        "sqs:TagQueue",
    +        "sqs:UntagQueue",
    +        "sns:Publish",
    +      ], Resource = "*" },
    +      { Sid = "Queues2", Effect = "Allow", Action = ["sqs:GetQueueAttributes"], Resource = ["arn:aws:sqs:us-east-1:111122223333:jobs"] },
           { Sid = "Never", Effect = "Deny", Action = "sqs:PurgeQueue", Resource = "arn:aws:sqs:*:*:$${aws:username}" },
         ]
       })
    --- a/modules/more/more.tf
    +++ b/modules/more/more.tf
    @@ -5,13 +5,24 @@
         {
           "Statement": [
             {
    +          "Sid": "Queues",
    +          "Effect": "Allow",
               "Action": [
    -            "sqs:*",
    +            "sqs:ChangeMessageVisibility",
    +            "sqs:DeleteMessage",
    +            "sqs:ReceiveMessage",
    +            "sqs:SendMessage",
    +            "sqs:TagQueue",
    +            "sqs:UntagQueue",
                 "sns:Publish"
               ],
    +          "Resource": "*"
    +        },
    +        {
    +          "Sid": "Queues2",
               "Effect": "Allow",
    -          "Resource": "*",
    -          "Sid": "Queues"
    +          "Action": "sqs:GetQueueAttributes",
    +          "Resource": "arn:aws:sqs:us-east-1:111122223333:jobs"
             },
             {
               "Action": "sqs:PurgeQueue",
    --- a/modules/more/file.json
    +++ b/modules/more/file.json
    @@ -1,13 +1,24 @@
     {
       "Statement": [
         {
    +      "Sid": "Queues",
    +      "Effect": "Allow",
           "Action": [
    -        "sqs:*",
    +        "sqs:ChangeMessageVisibility",
    +        "sqs:DeleteMessage",
    +        "sqs:ReceiveMessage",
    +        "sqs:SendMessage",
    +        "sqs:TagQueue",
    +        "sqs:UntagQueue",
             "sns:Publish"
           ],
    +      "Resource": "*"
    +    },
    +    {
    +      "Sid": "Queues2",
           "Effect": "Allow",
    -      "Resource": "*",
    -      "Sid": "Queues"
    +      "Action": "sqs:GetQueueAttributes",
    +      "Resource": "arn:aws:sqs:us-east-1:111122223333:jobs"
         },
         {
           "Action": "sqs:PurgeQueue",
    "#);
    insta::assert_snapshot!(ran.stderr, @r#"
    1 principal minimized (actions that their policies allow, Denies and boundaries aside: 22 before, 8 after, 63 % fewer), 0 unchanged, 0 skipped
    `min/terraform.diff` has changes for 5 of the policies in `tf`, and 9 notes at its head
    wrote `min`; begin with `min/minimize.json`
    "#);
    // It is a patch that applies.
    let applied = Command::new("git")
        .args(["apply", "--directory", "tf", "min/terraform.diff"])
        .current_dir(sandbox.path("."))
        .output()
        .unwrap();
    assert!(applied.status.success(), "{applied:?}");
    hcl::from_str::<Value>(&sandbox.read("tf/main.tf")).unwrap();
    let read: Value = hcl::from_str(&sandbox.read("tf/modules/more/more.tf")).unwrap();
    let document: Value = serde_json::from_str(&sandbox.read("min/minimize.json")).unwrap();
    let policies = document["principals"][0]["policies"].as_array().unwrap();
    let of = |name: &str| {
        let own = policies.iter().find(|own| own["source"]["name"] == name);
        own.unwrap()["new"][0].clone()
    };
    let heredoc = read["resource"]["aws_iam_role_policy"]["heredoc"]["policy"]
        .as_str()
        .unwrap();
    let heredoc: Value = serde_json::from_str(&heredoc.replace("$${", "${")).unwrap();
    assert_eq!(heredoc, of("heredoc"));
    let file: Value = serde_json::from_str(&sandbox.read("tf/modules/more/file.json")).unwrap();
    assert_eq!(file, of("file"));
}

#[test]
fn a_folder_that_is_not_there_is_named() {
    let sandbox = account();
    let ran = sandbox
        .run(&[
            "minimize",
            "inv",
            "--out",
            "min",
            "--from-terraform",
            "nowhere",
        ])
        .expect_code(2);
    insta::assert_snapshot!(ran.stderr, @"error: cannot read `nowhere`: No such file or directory (os error 2)");
}
