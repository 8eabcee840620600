#!/usr/bin/env bash
# Writes an organization and its accounts into a folder, as the AWS CLI prints them.
#
#   export-organization.sh FOLDER [ROLE]
#
# The credentials are those of the management account, or of a delegated administrator of AWS Organizations. ROLE is the
# name of a role that they may assume in every account, such as OrganizationAccountAccessRole; it needs
# iam:GetAccountAuthorizationDetails and nothing else. Without ROLE only the account of the credentials is exported.
#
#   FOLDER/organization/organization.json         describe-organization
#   FOLDER/organization/roots.json                list-roots
#   FOLDER/organization/accounts.json             list-accounts
#   FOLDER/organization/children/PARENT-ID.json   list-children, units and accounts
#   FOLDER/organization/policies/POLICY-ID.json   describe-policy, of scps and rcps
#   FOLDER/organization/targets/POLICY-ID.json    list-targets-for-policy
#   FOLDER/accounts/ACCOUNT.json                  get-account-authorization-details
#
# Pages are followed by the CLI. The first call that fails ends the script.
set -euo pipefail

if [[ $# -lt 1 || $# -gt 2 ]]; then
  echo "usage: export-organization.sh FOLDER [ROLE]" >&2
  exit 2
fi
folder=$1
role=${2-}
organization=$folder/organization
export AWS_PAGER='' AWS_DEFAULT_OUTPUT=json
mkdir -p "$organization"/{children,policies,targets} "$folder/accounts"

# The children of a root or unit, then of its units. Ids are letters, digits and hyphens, so that they need no escapes.
children() {
  local parent=$1 separator='' units accounts id
  units=$(aws organizations list-children --parent-id "$parent" --child-type ORGANIZATIONAL_UNIT \
    --query 'Children[].[Id]' --output text)
  accounts=$(aws organizations list-children --parent-id "$parent" --child-type ACCOUNT \
    --query 'Children[].[Id]' --output text)
  {
    printf '{"Children": ['
    for id in $units; do
      printf '%s\n  {"Id": "%s", "Type": "ORGANIZATIONAL_UNIT"}' "$separator" "$id"
      separator=,
    done
    for id in $accounts; do
      printf '%s\n  {"Id": "%s", "Type": "ACCOUNT"}' "$separator" "$id"
      separator=,
    done
    printf '\n]}\n'
  } >"$organization/children/$parent.json"
  for id in $units; do
    children "$id"
  done
}

# Every policy of a type that is enabled.
policies() {
  local ids id
  ids=$(aws organizations list-policies --filter "$1" --query 'Policies[].[Id]' --output text)
  for id in $ids; do
    aws organizations describe-policy --policy-id "$id" >"$organization/policies/$id.json"
    aws organizations list-targets-for-policy --policy-id "$id" >"$organization/targets/$id.json"
  done
}

# An account's entities, by the role where it is another account than that of the credentials.
account() {
  local number=$1 credentials
  if [[ $number != "$own" ]]; then
    credentials=$(aws sts assume-role --role-arn "arn:$partition:iam::$number:role/$role" \
      --role-session-name export-organization \
      --query 'Credentials.[AccessKeyId,SecretAccessKey,SessionToken]' --output text)
    read -r AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN <<<"$credentials"
    export AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN
    unset AWS_PROFILE
  fi
  aws iam get-account-authorization-details >"$folder/accounts/$number.json"
}

aws organizations describe-organization >"$organization/organization.json"
aws organizations list-roots >"$organization/roots.json"
aws organizations list-accounts >"$organization/accounts.json"

roots=$(aws organizations list-roots --query 'Roots[].[Id]' --output text)
for root in $roots; do
  children "$root"
done

types=$(aws organizations list-roots --query "Roots[].PolicyTypes[?Status=='ENABLED'].Type[]" --output text)
for type in $types; do
  case $type in
    SERVICE_CONTROL_POLICY | RESOURCE_CONTROL_POLICY) policies "$type" ;;
  esac
done

read -r own arn <<<"$(aws sts get-caller-identity --query '[Account,Arn]' --output text)"
partition=${arn#arn:}
partition=${partition%%:*}
numbers=$own
if [[ -n $role ]]; then
  # A suspended account lets nobody in. Newer answers call the status a state.
  numbers=$(aws organizations list-accounts --query "Accounts[?Status=='ACTIVE' || State=='ACTIVE'].[Id]" --output text)
fi
for number in $numbers; do
  # A shell of its own, so that the credentials of one account do not reach the next.
  (account "$number")
done
