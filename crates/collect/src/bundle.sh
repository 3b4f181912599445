#!/bin/sh
# Writes an offline bundle for leastgrant with the aws CLI alone.
#
#   sh bundle.sh [--no-last-accessed] [--resource-policies] FOLDER
#
# With --resource-policies the policies of buckets, keys, topics, queues, functions and their aliases, secrets and
# repositories are read too, in all Regions that the account has enabled.
# Profile and region come from the environment as for every aws command (AWS_PROFILE, AWS_REGION).
# Everything is read, nothing is changed; the only thing that is started are reports (the credential
# report, last-accessed jobs). A call that AWS refuses is recorded in the bundle, and leastgrant shows
# it as a gap; the exit code is then 3. For several accounts run it once for each, into folders side by side.
set -u
# Paths of IAM may hold any printable character, wildcards of the shell among them.
set -f
umask 077

usage() {
  echo "usage: sh bundle.sh [--no-last-accessed] [--resource-policies] FOLDER" >&2
  exit 2
}
die() {
  echo "error: $1" >&2
  exit 2
}

last_accessed=yes
resource_policies=no
while :; do
  case "${1:-}" in
  --no-last-accessed) last_accessed=no ;;
  --resource-policies) resource_policies=yes ;;
  *) break ;;
  esac
  shift
done
[ $# -eq 1 ] || usage
case "$1" in "" | -*) usage ;; esac
out=$1
if [ -e "$out" ] && [ -n "$(ls -A "$out" 2>/dev/null)" ]; then
  die "\`$out\` is not empty; name a new folder"
fi
command -v aws >/dev/null || die "there is no \`aws\` on the path"

AWS_PAGER=
export AWS_PAGER
work=$(mktemp -d) || die "cannot make a temporary folder"
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
errors=$work/errors
# Counters lie in files, since loops over answers run in subshells.
echo 0 >"$work/number"
echo 0 >"$work/refused"
mkdir -p "$out/access-keys" "$out/last-accessed" "$out/calls" || die "cannot make folders in \`$out\`"

# json TEXT: the text as the inside of a JSON string.
json() {
  printf '%s' "$1" | sed 's/[\\"]/\\&/g'
}

# save FILE: standard input into a file of the bundle.
save() {
  cat >"$1" || die "cannot write \`$1\`"
}

# count NAME: one more, and the new number on standard output.
count() {
  counted=$(($(cat "$work/$1") + 1))
  echo "$counted" >"$work/$1" || die "cannot write to the temporary folder"
  echo "$counted"
}

# ask AWS-ARGUMENTS…: the answer as JSON on standard output.
ask() {
  aws "$@" --output json 2>"$errors"
}

# The code of the error that aws printed; an error of the CLI itself has none.
error_code() {
  error_code_found=$(sed -n 's/.*An error occurred (\([A-Za-z0-9.]*\)).*/\1/p' "$errors" | head -n 1)
  echo "${error_code_found:-ClientError}"
}

# The same as JSON. What does not exist is an answer and not a refusal.
error_json() {
  case "$(error_code)" in
    NoSuchEntity | ResourceNotFoundException | TrailNotFoundException) ;;
    NoSuchBucketPolicy | RepositoryPolicyNotFoundException) ;;
    *) count refused >/dev/null ;;
  esac
  error_message=$(tr -d '\000-\037' <"$errors" | sed 's/.*when calling the [A-Za-z]* operation[^:]*: //' | cut -c 1-300)
  printf '{"Code":"%s","Message":"%s"}' "$(error_code)" "$(json "$error_message")"
}

# wrapped CALL PARAMETERS AWS-ARGUMENTS…: the answer, or the error, with its call around it.
# A POSIX shell has no local variables: names that begin with wrapped_ are this function's own.
wrapped() {
  wrapped_call=$1
  wrapped_parameters=$2
  shift 2
  if wrapped_answer=$(ask "$@"); then
    printf '{"Call":"%s","Parameters":%s,"Answer":%s}\n' "$wrapped_call" "$wrapped_parameters" "${wrapped_answer:-{\}}"
  else
    printf '{"Call":"%s","Parameters":%s,"Error":%s}\n' "$wrapped_call" "$wrapped_parameters" "$(error_json)"
  fi
}

# call CALL PARAMETERS AWS-ARGUMENTS…: the same as a file of its own.
call() {
  wrapped "$@" | save "$out/calls/$(count number).json" || exit 2
}

# add CALL PARAMETERS AWS-ARGUMENTS…: the same as a member of the list in $list.
add() {
  { printf '%s' "$separator"; wrapped "$@"; } >>"$list" || die "cannot write \`$list\`"
  separator=,
}

# texts QUERY CALL PARAMETERS AWS-ARGUMENTS…: what the query selects, one text a line. A refusal is recorded like that of any call.
texts() {
  texts_query=$1
  texts_call=$2
  texts_parameters=$3
  shift 3
  if texts_answer=$(aws "$@" --query "$texts_query" --output text 2>"$errors"); then
    printf '%s\n' "$texts_answer" | tr '\t' '\n' | sed '/^$/d'
  else
    printf '{"Call":"%s","Parameters":%s,"Error":%s}\n' "$texts_call" "$texts_parameters" "$(error_json)" |
      save "$out/calls/$(count number).json"
  fi
}

# member NAME: the text member of this name in the JSON on standard input, one a line, for ids without quotes or commas.
member() {
  tr ',{}' '\n\n\n' | sed -n 's/^[[:space:]]*"'"$1"'": *"\([^"]*\)".*/\1/p'
}

# account_file COMPLETE: account.json, which says whether the export came to its end.
account_file() {
  printf '{"Account":"%s","Partition":"%s","collected_at":"%s","complete":%s,"caller":{"Account":"%s","Arn":"%s"}}\n' \
    "$account" "$partition" "$collected_at" "$1" "$account" "$(json "$caller")" | save "$out/account.json"
}

echo "account" >&2
identity=$(aws sts get-caller-identity --query '[Account, Arn]' --output text 2>"$errors" | tr '\t' '\n')
account=$(printf '%s\n' "$identity" | sed -n 1p)
caller=$(printf '%s\n' "$identity" | sed -n 2p)
[ -n "$account" ] || die "AWS does not say who you are: $(cat "$errors")"
partition=$(printf '%s' "$caller" | cut -d : -f 2)
collected_at=$(date -u +%Y-%m-%dT%H:%M:%SZ)
account_file false || exit 2

echo "credential report" >&2
tries=0
while [ "$tries" -lt 30 ]; do
  state=$(ask iam generate-credential-report | member State)
  case "$state" in "" | COMPLETE) break ;; esac
  tries=$((tries + 1))
  sleep 2
done
call iam:GetCredentialReport '{}' iam get-credential-report

echo "users, groups, roles and policies" >&2
if ask iam get-account-authorization-details >"$out/authorization-details.json"; then :; else
  [ -s "$errors" ] || die "cannot write \`$out/authorization-details.json\`"
  rm -f "$out/authorization-details.json"
  printf '{"Call":"iam:GetAccountAuthorizationDetails","Parameters":{},"Error":%s}\n' "$(error_json)" |
    save "$out/calls/$(count number).json" || exit 2
fi
call iam:GetAccountSummary '{}' iam get-account-summary
call iam:GetAccountPasswordPolicy '{}' iam get-account-password-policy
call iam:ListAccountAliases '{}' iam list-account-aliases
call iam:ListServerCertificates '{}' iam list-server-certificates
call iam:ListSAMLProviders '{}' iam list-saml-providers
call iam:ListOpenIDConnectProviders '{}' iam list-open-id-connect-providers
for arn in $(texts 'OpenIDConnectProviderList[].Arn' iam:ListOpenIDConnectProviders '{}' iam list-open-id-connect-providers); do
  call iam:GetOpenIDConnectProvider "{\"OpenIDConnectProviderArn\":\"$(json "$arn")\"}" \
    iam get-open-id-connect-provider --open-id-connect-provider-arn="$arn"
done

echo "credentials of each user" >&2
call iam:ListUsers '{}' iam list-users
# User names are letters, digits and +=,.@_-, so they are safe in file names. A name may begin with a hyphen.
for user in $(texts 'Users[].UserName' iam:ListUsers '{}' iam list-users); do
  parameters="{\"UserName\":\"$(json "$user")\"}"
  wrapped iam:ListAccessKeys "$parameters" iam list-access-keys --user-name="$user" | save "$out/access-keys/$user.json" || exit 2
  for key in $(member AccessKeyId <"$out/access-keys/$user.json"); do
    call iam:GetAccessKeyLastUsed "{\"AccessKeyId\":\"$key\"}" iam get-access-key-last-used --access-key-id="$key"
  done
  call iam:ListMFADevices "$parameters" iam list-mfa-devices --user-name="$user"
  call iam:ListSSHPublicKeys "$parameters" iam list-ssh-public-keys --user-name="$user"
  call iam:ListServiceSpecificCredentials "$parameters" iam list-service-specific-credentials --user-name="$user"
  call iam:ListSigningCertificates "$parameters" iam list-signing-certificates --user-name="$user"
done

if [ "$last_accessed" = yes ]; then
  echo "last-accessed data of each user and role" >&2
  # All jobs are started first, so that AWS works on them while the first ones are fetched.
  : >"$work/jobs"
  for arn in $(texts 'Users[].Arn' iam:ListUsers '{}' iam list-users) $(texts 'Roles[].Arn' iam:ListRoles '{}' iam list-roles); do
    job=$(ask iam generate-service-last-accessed-details --granularity ACTION_LEVEL --arn="$arn" | member JobId)
    if [ -n "$job" ]; then
      printf '%s %s\n' "$job" "$arn" >>"$work/jobs" || die "cannot write to the temporary folder"
    else
      printf '{"Call":"iam:GetServiceLastAccessedDetails","Parameters":{"Arn":"%s"},"Error":%s}\n' "$(json "$arn")" "$(error_json)" |
        save "$out/last-accessed/$(count number).json" || exit 2
    fi
  done
  while read -r job arn; do
    marker=
    tries=0
    while :; do
      file=$out/last-accessed/$(count number).json
      wrapped iam:GetServiceLastAccessedDetails "{\"Arn\":\"$(json "$arn")\"}" \
        iam get-service-last-accessed-details --job-id="$job" ${marker:+--marker="$marker"} </dev/null | save "$file" || exit 2
      if [ "$(member JobStatus <"$file")" = IN_PROGRESS ] && [ "$tries" -lt 60 ]; then
        rm -f "$file"
        tries=$((tries + 1))
        sleep 1
        continue
      fi
      marker=$(member Marker <"$file" | head -n 1)
      [ -n "$marker" ] || break
    done
  done <"$work/jobs"
fi

echo "organization" >&2
# Accounts below one root or unit, and the units below it.
add_children() {
  add organizations:ListAccountsForParent "{\"ParentId\":\"$1\"}" organizations list-accounts-for-parent --parent-id="$1"
  add organizations:ListOrganizationalUnitsForParent "{\"ParentId\":\"$1\"}" organizations list-organizational-units-for-parent --parent-id="$1"
  for unit in $(texts 'OrganizationalUnits[].Id' organizations:ListOrganizationalUnitsForParent "{\"ParentId\":\"$1\"}" \
    organizations list-organizational-units-for-parent --parent-id="$1"); do
    add_children "$unit"
  done
}
if described=$(ask organizations describe-organization); then
  management=$(printf '%s' "$described" | member MasterAccountId)
  if [ "$management" = "$account" ] || ask organizations list-roots >/dev/null; then
    list=$out/organization.json
    separator=
    printf '{"Calls":[' | save "$list" || exit 2
    add organizations:DescribeOrganization '{}' organizations describe-organization
    add organizations:ListAccounts '{}' organizations list-accounts
    add organizations:ListRoots '{}' organizations list-roots
    for root in $(texts 'Roots[].Id' organizations:ListRoots '{}' organizations list-roots); do
      add_children "$root"
    done
    for kind in SERVICE_CONTROL_POLICY RESOURCE_CONTROL_POLICY; do
      add organizations:ListPolicies "{\"Filter\":\"$kind\"}" organizations list-policies --filter "$kind"
      for policy in $(texts 'Policies[].Id' organizations:ListPolicies "{\"Filter\":\"$kind\"}" organizations list-policies --filter "$kind"); do
        add organizations:DescribePolicy "{\"PolicyId\":\"$policy\"}" organizations describe-policy --policy-id="$policy"
        add organizations:ListTargetsForPolicy "{\"PolicyId\":\"$policy\"}" organizations list-targets-for-policy --policy-id="$policy"
      done
    done
    printf ']}\n' >>"$list" || die "cannot write \`$list\`"
  else
    echo "  left out: only the management account $management and delegated accounts can list the organization" >&2
  fi
elif [ "$(error_code)" = AWSOrganizationsNotInUseException ]; then
  echo "  left out: the account is in no organization" >&2
else
  call organizations:DescribeOrganization '{}' organizations describe-organization
fi

echo "permission sets" >&2
instances=$(texts 'Instances[].InstanceArn' sso-admin:ListInstances '{}' sso-admin list-instances)
if [ -n "$instances" ]; then
  list=$out/permission-sets.json
  separator=
  printf '{"Calls":[' | save "$list" || exit 2
  for instance in $instances; do
    parameters="{\"InstanceArn\":\"$(json "$instance")\"}"
    add sso-admin:ListPermissionSets "$parameters" sso-admin list-permission-sets --instance-arn="$instance"
    for permission_set in $(texts 'PermissionSets[]' sso-admin:ListPermissionSets "$parameters" sso-admin list-permission-sets --instance-arn="$instance"); do
      parameters="{\"InstanceArn\":\"$(json "$instance")\",\"PermissionSetArn\":\"$(json "$permission_set")\"}"
      for operation in DescribePermissionSet:describe-permission-set \
        GetInlinePolicyForPermissionSet:get-inline-policy-for-permission-set \
        GetPermissionsBoundaryForPermissionSet:get-permissions-boundary-for-permission-set \
        ListManagedPoliciesInPermissionSet:list-managed-policies-in-permission-set \
        ListCustomerManagedPolicyReferencesInPermissionSet:list-customer-managed-policy-references-in-permission-set; do
        add "sso-admin:${operation%%:*}" "$parameters" sso-admin "${operation#*:}" --instance-arn="$instance" --permission-set-arn="$permission_set"
      done
      for provisioned in $(texts 'AccountIds[]' sso-admin:ListAccountsForProvisionedPermissionSet "$parameters" \
        sso-admin list-accounts-for-provisioned-permission-set --instance-arn="$instance" --permission-set-arn="$permission_set"); do
        add sso-admin:ListAccountAssignments "{\"InstanceArn\":\"$(json "$instance")\",\"AccountId\":\"$provisioned\",\"PermissionSetArn\":\"$(json "$permission_set")\"}" \
          sso-admin list-account-assignments --instance-arn="$instance" --account-id="$provisioned" --permission-set-arn="$permission_set"
      done
    done
  done
  printf ']}\n' >>"$list" || die "cannot write \`$list\`"
fi

echo "Access Analyzer and CloudTrail" >&2
for analyzer in $(texts 'analyzers[].arn' access-analyzer:ListAnalyzers '{}' accessanalyzer list-analyzers); do
  call access-analyzer:ListFindingsV2 "{\"analyzerArn\":\"$(json "$analyzer")\"}" accessanalyzer list-findings-v2 --analyzer-arn="$analyzer"
done
call cloudtrail:DescribeTrails '{}' cloudtrail describe-trails
for trail in $(texts 'trailList[].TrailARN' cloudtrail:DescribeTrails '{}' cloudtrail describe-trails); do
  # A trail is asked in the Region of its ARN, where it was made: other Regions have a copy with a status of its own.
  region=$(printf '%s' "$trail" | cut -d : -f 4)
  call cloudtrail:GetEventSelectors "{\"TrailName\":\"$(json "$trail")\"}" cloudtrail get-event-selectors --region="$region" --trail-name="$trail"
  call cloudtrail:GetTrailStatus "{\"Name\":\"$(json "$trail")\"}" cloudtrail get-trail-status --region="$region" --name="$trail"
done

for store in $(texts 'EventDataStores[].EventDataStoreArn' cloudtrail:ListEventDataStores '{}' cloudtrail list-event-data-stores); do
  call cloudtrail:GetEventDataStore "{\"EventDataStore\":\"$(json "$store")\"}" cloudtrail get-event-data-store --event-data-store="$store"
done

# policy CALL ARN AWS-ARGUMENTS…: the policy of one resource.
policy() {
  policy_call=$1
  policy_arn=$2
  shift 2
  call "$policy_call" "{\"ResourceArn\":\"$(json "$policy_arn")\"}" "$@"
}
# listed QUERY CALL AWS-ARGUMENTS…: the resources of one service in the Region $region.
listed() {
  listed_query=$1
  listed_call=$2
  shift 2
  texts "$listed_query" "$listed_call" "{\"Region\":\"$region\"}" "$@" --region="$region"
}
if [ "$resource_policies" = yes ]; then
  echo "policies of resources" >&2
  # The aws CLI finds the Region of a bucket by itself.
  for bucket in $(texts 'Buckets[].Name' s3:ListBuckets '{}' s3api list-buckets); do
    policy s3:GetBucketPolicy "arn:$partition:s3:::$bucket" s3api get-bucket-policy --bucket="$bucket"
  done
  call account:ListRegions '{}' account list-regions --region-opt-status-contains ENABLED ENABLED_BY_DEFAULT
  regions=$(texts 'Regions[].RegionName' account:ListRegions '{}' account list-regions --region-opt-status-contains ENABLED ENABLED_BY_DEFAULT)
  # Where the Regions are not told, at least the one that is set is asked.
  for region in ${regions:-${AWS_REGION:-${AWS_DEFAULT_REGION:-$(aws configure get region)}}}; do
    for arn in $(listed 'Keys[].KeyArn' kms:ListKeys kms list-keys); do
      policy kms:GetKeyPolicy "$arn" kms get-key-policy --region="$region" --policy-name=default --key-id="$arn"
    done
    for arn in $(listed 'Topics[].TopicArn' sns:ListTopics sns list-topics); do
      policy sns:GetTopicAttributes "$arn" sns get-topic-attributes --region="$region" --topic-arn="$arn"
    done
    # Without queues there is no list in the answer.
    for url in $(listed '(QueueUrls || `[]`)[]' sqs:ListQueues sqs list-queues); do
      queue=$(printf '%s' "$url" | sed 's|.*/\([^/]*\)/\([^/]*\)$|\1:\2|')
      policy sqs:GetQueueAttributes "arn:$partition:sqs:$region:$queue" \
        sqs get-queue-attributes --region="$region" --attribute-names=Policy --queue-url="$url"
    done
    for arn in $(listed 'Functions[].FunctionArn' lambda:ListFunctions lambda list-functions); do
      policy lambda:GetPolicy "$arn" lambda get-policy --region="$region" --function-name="$arn"
      for alias in $(texts 'Aliases[].AliasArn' lambda:ListAliases "{\"FunctionName\":\"$(json "$arn")\"}" \
        lambda list-aliases --region="$region" --function-name="$arn"); do
        policy lambda:GetPolicy "$alias" lambda get-policy --region="$region" --function-name="$arn" --qualifier="${alias##*:}"
      done
    done
    for arn in $(listed 'SecretList[].ARN' secretsmanager:ListSecrets secretsmanager list-secrets); do
      policy secretsmanager:GetResourcePolicy "$arn" secretsmanager get-resource-policy --region="$region" --secret-id="$arn"
    done
    for name in $(listed 'repositories[].repositoryName' ecr:DescribeRepositories ecr describe-repositories); do
      policy ecr:GetRepositoryPolicy "arn:$partition:ecr:$region:$account:repository/$name" \
        ecr get-repository-policy --region="$region" --repository-name="$name"
    done
  done
fi

account_file true || exit 2
refused=$(cat "$work/refused")
echo "wrote \`$out\`; calls that were refused: $refused" >&2
[ "$refused" -eq 0 ] || exit 3
