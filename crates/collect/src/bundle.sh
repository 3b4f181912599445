#!/bin/sh
# Writes an offline bundle for leastgrant with the aws CLI alone.
#
#   sh bundle.sh [--no-last-accessed] FOLDER
#
# Profile and region come from the environment as for every aws command (AWS_PROFILE, AWS_REGION).
# Everything is read, nothing is changed; the only thing that is started are reports (the credential
# report, last-accessed jobs). A call that AWS refuses is recorded in the bundle, and leastgrant shows
# it as a gap. For several accounts run it once for each, into folders side by side.
set -u
umask 077

last_accessed=yes
if [ "${1:-}" = "--no-last-accessed" ]; then
  last_accessed=no
  shift
fi
if [ $# -ne 1 ] || [ -z "$1" ]; then
  echo "usage: sh bundle.sh [--no-last-accessed] FOLDER" >&2
  exit 2
fi
out=$1
if [ -e "$out" ] && [ -n "$(ls -A "$out" 2>/dev/null)" ]; then
  echo "error: \`$out\` is not empty; name a new folder" >&2
  exit 2
fi
command -v aws >/dev/null || { echo "error: there is no \`aws\` on the path" >&2; exit 2; }

AWS_PAGER=
export AWS_PAGER
mkdir -p "$out/access-keys" "$out/last-accessed" "$out/calls" || exit 2
errors=$(mktemp) || exit 2
trap 'rm -f "$errors"' EXIT
number=0
refused=0

# ask AWS-ARGUMENTS…: the answer as JSON on standard output.
ask() {
  aws "$@" --output json 2>"$errors"
}

# The error that aws printed, as JSON.
error_json() {
  code=$(sed -n 's/.*An error occurred (\([A-Za-z0-9.]*\)).*/\1/p' "$errors" | head -n 1)
  message=$(tr -d '\000-\037"\\' <"$errors" | cut -c 1-300)
  printf '{"Code":"%s","Message":"%s"}' "${code:-ClientError}" "$message"
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
    return 1
  fi
}

# call CALL PARAMETERS AWS-ARGUMENTS…: the same as a file of its own.
call() {
  number=$((number + 1))
  wrapped "$@" >"$out/calls/$number.json" || refused=$((refused + 1))
}

# add CALL PARAMETERS AWS-ARGUMENTS…: the same as a member of the list in $list.
add() {
  printf '%s' "$separator" >>"$list"
  wrapped "$@" >>"$list" || refused=$((refused + 1))
  separator=,
}

# texts QUERY AWS-ARGUMENTS…: what the query selects, one text a line.
texts() {
  query=$1
  shift
  aws "$@" --query "$query" --output text 2>"$errors" | tr '\t' '\n' | sed '/^None$/d; /^$/d'
}

echo "account" >&2
identity=$(texts '[Account, Arn]' sts get-caller-identity)
account=$(printf '%s\n' "$identity" | sed -n 1p)
caller=$(printf '%s\n' "$identity" | sed -n 2p)
if [ -z "$account" ]; then
  echo "error: AWS does not say who you are: $(cat "$errors")" >&2
  exit 2
fi
partition=$(printf '%s' "$caller" | cut -d : -f 2)
printf '{"Account":"%s","Partition":"%s","collected_at":"%s","caller":{"Account":"%s","Arn":"%s"}}\n' \
  "$account" "$partition" "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$account" "$caller" >"$out/account.json"

echo "credential report" >&2
tries=0
while [ "$tries" -lt 30 ]; do
  state=$(texts State iam generate-credential-report)
  [ "$state" = COMPLETE ] && break
  tries=$((tries + 1))
  sleep 2
done
if ask iam get-credential-report >"$out/credential-report.json"; then :; else
  rm -f "$out/credential-report.json"
  call iam:GetCredentialReport '{}' iam get-credential-report
fi

echo "users, groups, roles and policies" >&2
if ask iam get-account-authorization-details >"$out/authorization-details.json"; then :; else
  rm -f "$out/authorization-details.json"
  call iam:GetAccountAuthorizationDetails '{}' iam get-account-authorization-details
fi
call iam:GetAccountSummary '{}' iam get-account-summary
call iam:GetAccountPasswordPolicy '{}' iam get-account-password-policy
call iam:ListAccountAliases '{}' iam list-account-aliases
call iam:ListServerCertificates '{}' iam list-server-certificates
call iam:ListSAMLProviders '{}' iam list-saml-providers
call iam:ListOpenIDConnectProviders '{}' iam list-open-id-connect-providers
for arn in $(texts 'OpenIDConnectProviderList[].Arn' iam list-open-id-connect-providers); do
  call iam:GetOpenIDConnectProvider "{\"OpenIDConnectProviderArn\":\"$arn\"}" iam get-open-id-connect-provider --open-id-connect-provider-arn "$arn"
done

echo "credentials of each user" >&2
# User names are letters, digits and +=,.@_-, so they need no quoting in JSON or file names.
call iam:ListUsers '{}' iam list-users
for user in $(texts 'Users[].UserName' iam list-users); do
  parameters="{\"UserName\":\"$user\"}"
  wrapped iam:ListAccessKeys "$parameters" iam list-access-keys --user-name "$user" >"$out/access-keys/$user.json" || refused=$((refused + 1))
  for key in $(texts 'AccessKeyMetadata[].AccessKeyId' iam list-access-keys --user-name "$user"); do
    call iam:GetAccessKeyLastUsed "{\"AccessKeyId\":\"$key\"}" iam get-access-key-last-used --access-key-id "$key"
  done
  call iam:ListMFADevices "$parameters" iam list-mfa-devices --user-name "$user"
  call iam:ListSSHPublicKeys "$parameters" iam list-ssh-public-keys --user-name "$user"
  call iam:ListServiceSpecificCredentials "$parameters" iam list-service-specific-credentials --user-name "$user"
  call iam:ListSigningCertificates "$parameters" iam list-signing-certificates --user-name "$user"
done

if [ "$last_accessed" = yes ]; then
  echo "last-accessed data of each user and role" >&2
  for arn in $(texts 'Users[].Arn' iam list-users) $(texts 'Roles[].Arn' iam list-roles); do
    parameters="{\"Arn\":\"$arn\"}"
    job=$(texts JobId iam generate-service-last-accessed-details --granularity ACTION_LEVEL --arn "$arn")
    if [ -z "$job" ]; then
      number=$((number + 1))
      refused=$((refused + 1))
      printf '{"Call":"iam:GetServiceLastAccessedDetails","Parameters":%s,"Error":%s}\n' "$parameters" "$(error_json)" >"$out/last-accessed/$number.json"
      continue
    fi
    tries=0
    while [ "$tries" -lt 30 ]; do
      [ "$(texts JobStatus iam get-service-last-accessed-details --job-id "$job")" = IN_PROGRESS ] || break
      tries=$((tries + 1))
      sleep 1
    done
    marker=
    while :; do
      number=$((number + 1))
      file="$out/last-accessed/$number.json"
      if [ -n "$marker" ]; then
        wrapped iam:GetServiceLastAccessedDetails "$parameters" iam get-service-last-accessed-details --job-id "$job" --marker "$marker" >"$file" || { refused=$((refused + 1)); break; }
        marker=$(texts Marker iam get-service-last-accessed-details --job-id "$job" --marker "$marker")
      else
        wrapped iam:GetServiceLastAccessedDetails "$parameters" iam get-service-last-accessed-details --job-id "$job" >"$file" || { refused=$((refused + 1)); break; }
        marker=$(texts Marker iam get-service-last-accessed-details --job-id "$job")
      fi
      [ -n "$marker" ] || break
    done
  done
fi

echo "organization" >&2
# Accounts below one root or unit, and the units below it.
add_children() {
  add organizations:ListAccountsForParent "{\"ParentId\":\"$1\"}" organizations list-accounts-for-parent --parent-id "$1"
  add organizations:ListOrganizationalUnitsForParent "{\"ParentId\":\"$1\"}" organizations list-organizational-units-for-parent --parent-id "$1"
  for unit in $(texts 'OrganizationalUnits[].Id' organizations list-organizational-units-for-parent --parent-id "$1"); do
    add_children "$unit"
  done
}
if ask organizations describe-organization >/dev/null && ask organizations list-roots >/dev/null; then
  list="$out/organization.json"
  separator=
  printf '{"Calls":[' >"$list"
  add organizations:DescribeOrganization '{}' organizations describe-organization
  add organizations:ListAccounts '{}' organizations list-accounts
  add organizations:ListRoots '{}' organizations list-roots
  for root in $(texts 'Roots[].Id' organizations list-roots); do
    add_children "$root"
  done
  for kind in SERVICE_CONTROL_POLICY RESOURCE_CONTROL_POLICY; do
    add organizations:ListPolicies "{\"Filter\":\"$kind\"}" organizations list-policies --filter "$kind"
    for policy in $(texts 'Policies[].Id' organizations list-policies --filter "$kind"); do
      add organizations:DescribePolicy "{\"PolicyId\":\"$policy\"}" organizations describe-policy --policy-id "$policy"
      add organizations:ListTargetsForPolicy "{\"PolicyId\":\"$policy\"}" organizations list-targets-for-policy --policy-id "$policy"
    done
  done
  printf ']}\n' >>"$list"
else
  echo "  left out: this account is not the organization's management account or a delegated one" >&2
fi

echo "permission sets" >&2
instances=$(texts 'Instances[].InstanceArn' sso-admin list-instances)
if [ -n "$instances" ]; then
  list="$out/permission-sets.json"
  separator=
  printf '{"Calls":[' >"$list"
  for instance in $instances; do
    add sso-admin:ListPermissionSets "{\"InstanceArn\":\"$instance\"}" sso-admin list-permission-sets --instance-arn "$instance"
    for permission_set in $(texts 'PermissionSets[]' sso-admin list-permission-sets --instance-arn "$instance"); do
      parameters="{\"InstanceArn\":\"$instance\",\"PermissionSetArn\":\"$permission_set\"}"
      for operation in DescribePermissionSet:describe-permission-set \
        GetInlinePolicyForPermissionSet:get-inline-policy-for-permission-set \
        GetPermissionsBoundaryForPermissionSet:get-permissions-boundary-for-permission-set \
        ListManagedPoliciesInPermissionSet:list-managed-policies-in-permission-set \
        ListCustomerManagedPolicyReferencesInPermissionSet:list-customer-managed-policy-references-in-permission-set; do
        add "sso-admin:${operation%%:*}" "$parameters" sso-admin "${operation#*:}" --instance-arn "$instance" --permission-set-arn "$permission_set"
      done
      for member in $(texts 'AccountIds[]' sso-admin list-accounts-for-provisioned-permission-set --instance-arn "$instance" --permission-set-arn "$permission_set"); do
        add sso-admin:ListAccountAssignments "{\"InstanceArn\":\"$instance\",\"AccountId\":\"$member\",\"PermissionSetArn\":\"$permission_set\"}" \
          sso-admin list-account-assignments --instance-arn "$instance" --account-id "$member" --permission-set-arn "$permission_set"
      done
    done
  done
  printf ']}\n' >>"$list"
fi

echo "Access Analyzer and CloudTrail" >&2
for analyzer in $(texts 'analyzers[].arn' accessanalyzer list-analyzers); do
  call access-analyzer:ListFindingsV2 "{\"analyzerArn\":\"$analyzer\"}" accessanalyzer list-findings-v2 --analyzer-arn "$analyzer"
done
call cloudtrail:DescribeTrails '{}' cloudtrail describe-trails
for trail in $(texts 'trailList[].TrailARN' cloudtrail describe-trails); do
  call cloudtrail:GetEventSelectors "{\"TrailName\":\"$trail\"}" cloudtrail get-event-selectors --trail-name "$trail"
done

echo "wrote \`$out\`; calls that were refused: $refused" >&2
