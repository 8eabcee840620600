//! The shipped catalogue: that it is what its sources make, and that what is looked up is found.

use std::io::Read;
use std::{fs, path};

use dictum_catalogue::{Access, Action, Catalogue, Group, KeyType, make, pack, unpack};
use dictum_corpus::data;
use flate2::read::GzDecoder;

static SHIPPED: &[u8] = include_bytes!("../data/catalogue.bin");

/// The sources, where the data folder is there.
fn sources() -> Option<(Vec<u8>, Vec<u8>, Vec<u8>)> {
    let Some(folder) = data::folder() else {
        eprintln!("skipped: no data folder");
        return None;
    };
    let read = |name: &str| fs::read(folder.join(path::Path::new(name))).unwrap();
    let packed = read("catalogue.json.gz");
    let mut json = Vec::new();
    GzDecoder::new(packed.as_slice()).read_to_end(&mut json).unwrap();
    Some((packed, json, read("global-keys.json")))
}

fn names<'c>(actions: impl Iterator<Item = Action<'c>>) -> Vec<String> {
    actions.map(|action| action.to_string()).collect()
}

#[test]
fn it_is_what_its_sources_make() {
    let Some((_, json, globals)) = sources() else { return };
    let text = make(&json, &globals).unwrap();
    assert!(unpack(SHIPPED).unwrap() == text, "run make-catalogue");
    assert!(pack(&text) == SHIPPED, "run make-catalogue: the same text, packed otherwise");
}

#[test]
fn it_is_small() {
    assert!(SHIPPED.len() < 250_000, "{} bytes", SHIPPED.len());
}

#[test]
fn a_source_is_a_catalogue_too() {
    let Some((packed, json, _)) = sources() else { return };
    for bytes in [packed, json] {
        let catalogue = Catalogue::from_bytes(&bytes).unwrap();
        assert_eq!(format!("{catalogue:?}"), format!("{:?}", Catalogue::builtin()));
        assert!(catalogue.key("aws:SourceVpcArn").unwrap().global().unwrap().services().any(|it| it == "s3"));
    }
}

#[test]
fn every_fact_of_the_source_is_there() {
    let Some((_, json, globals)) = sources() else { return };
    let source: serde_json::Value = serde_json::from_slice(&json).unwrap();
    let catalogue = Catalogue::builtin();
    for service in source["services"].as_array().unwrap() {
        let found = catalogue.service(service["prefix"].as_str().unwrap()).unwrap();
        assert_eq!(found.takes_rcps(), service["rcp"].as_bool().unwrap());
        assert_eq!(found.name(), service["name"].as_str().unwrap());
        assert_eq!(found.keys().len(), service["condition_keys"].as_array().unwrap().len());
        for it in service["resource_types"].as_array().unwrap() {
            let same = |it: &serde_json::Value, found: &str| it.as_str() == Some(found);
            assert!(found.resource_types().any(|found| same(&it["name"], found.name())
                && same(&it["arn"], &found.arns().collect::<Vec<_>>().join(", "))));
        }
        for action in service["actions"].as_array().unwrap() {
            let found = found.action(action["name"].as_str().unwrap()).unwrap();
            assert_eq!(found.access().name(), action["access"].as_str().unwrap());
            let list = |value: &serde_json::Value| value.as_array().cloned().unwrap_or_default();
            assert_eq!(found.keys().len(), list(&action["keys"]).len());
            for (grant, it) in found.grants().zip(list(&action["resources"])) {
                assert_eq!(grant.resource_type().name(), it["type"].as_str().unwrap());
                assert_eq!(grant.is_required(), it["required"].as_bool().unwrap());
                assert_eq!(grant.keys().len(), list(&it["keys"]).len());
            }
            assert_eq!(found.grants().len(), list(&action["resources"]).len());
        }
    }
    let globals: serde_json::Value = serde_json::from_slice(&globals).unwrap();
    for it in globals["keys"].as_array().unwrap() {
        let key = catalogue.key(it["name"].as_str().unwrap()).unwrap();
        let global = key.global().unwrap();
        assert_eq!(key.key_type().name(), it["type"].as_str().unwrap());
        assert_eq!(key.is_multivalued(), it["multi"].as_bool().unwrap());
        assert_eq!(global.group().name(), it["group"].as_str().unwrap());
        assert_eq!(global.is_sensitive(), it["sensitive"].as_bool().unwrap_or(false));
        assert_eq!(global.when(), it["when"].as_str().unwrap_or(""));
    }
}

#[test]
fn services_and_actions_are_found_in_any_case() {
    let catalogue = Catalogue::builtin();
    assert_eq!(catalogue.date(), "2026-09-26");
    assert_eq!(catalogue.service("SQS").unwrap().name(), "Amazon SQS");
    assert!(catalogue.service("sqs").unwrap().takes_rcps() && !catalogue.service("iam").unwrap().takes_rcps());
    assert!(catalogue.service("s33").is_none());
    let action = catalogue.action("IAM:passrole").unwrap();
    assert_eq!((action.to_string().as_str(), action.access()), ("iam:PassRole", Access::Write));
    assert!(catalogue.action("iam:PassRoles").is_none() && catalogue.action("iam").is_none());
    assert!(catalogue.action("iam:").is_none() && catalogue.action(":").is_none());
}

#[test]
fn patterns_find_actions() {
    let catalogue = Catalogue::builtin();
    let found = |pattern: &str| names(catalogue.actions_matching(pattern));
    assert_eq!(
        found("SQS:*queue"),
        ["sqs:CreateQueue", "sqs:DeleteQueue", "sqs:PurgeQueue", "sqs:TagQueue", "sqs:UntagQueue"]
    );
    assert_eq!(found("sqs:get*"), ["sqs:GetQueueAttributes", "sqs:GetQueueUrl"]);
    assert_eq!(found("sqs:sendmessage"), ["sqs:SendMessage"]);
    assert_eq!(found("sqs:?endmessage"), ["sqs:SendMessage"]);
    assert_eq!(found("*").len(), 22_091);
    assert_eq!(found("*:*").len(), 22_091);
    for none in ["nowhere:*", "sqs", "", "sqs:", "s*:Get*", "sqs:zz*"] {
        assert!(found(none).is_empty(), "{none}");
    }
    for service in catalogue.services() {
        assert_eq!(service.actions_matching("*").count(), service.actions().len());
        for action in service.actions() {
            assert!(service.actions_matching(&action.name()[..2]).all(|it| it.name().len() == 2));
            assert!(service.actions_matching(&format!("{}*", &action.name()[..3])).any(|it| it == action));
        }
    }
}

#[test]
fn keys_are_found_with_their_variable_part() {
    let catalogue = Catalogue::builtin();
    let key = catalogue.key("AWS:resourcetag/Team").unwrap();
    assert_eq!(key.name(), "aws:ResourceTag/${TagKey}");
    assert_eq!((key.variable_part("aws:ResourceTag/Team"), key.is_template()), (Some("Team"), true));
    assert_eq!(key.canonical("AWS:resourcetag/Team"), "aws:ResourceTag/Team");
    assert!(catalogue.key("aws:ResourceTag/").is_none() && catalogue.key("aws:ResourceTag").is_none());
    assert_eq!(catalogue.key("s3:existingobjecttag/x").unwrap().name(), "s3:ExistingObjectTag/${key}");
    assert!(catalogue.key("secretsmanager:ResourceTag/team").is_some());
    let matcher = catalogue.key("events:Metadata/a/Matcher").unwrap();
    assert_eq!(matcher.name(), "events:Metadata/${MetadataKey}/Matcher");
    let oidc = catalogue.key("token.actions.acme.ghe.com:repository").unwrap();
    assert_eq!(oidc.variable_part("token.actions.acme.ghe.com:repository"), Some("acme"));
    let tags = catalogue.key("aws:TagKeys").unwrap();
    assert!(tags.is_multivalued() && tags.global().unwrap().group() == Group::Request);
    let epoch = catalogue.key("aws:EpochTime").unwrap();
    assert_eq!((epoch.key_type(), epoch.global().unwrap().also_type()), (KeyType::Date, Some(KeyType::Numeric)));
    assert!(catalogue.key("aws:SourceOwner").unwrap().global().unwrap().is_deprecated());
    assert!(catalogue.key("s3:prefix").unwrap().global().is_none());
}

#[test]
fn an_action_knows_its_keys() {
    let catalogue = Catalogue::builtin();
    let has = |action: &str, key: &str| {
        let action = catalogue.action(action).unwrap();
        let all: Vec<_> = action.all_keys().map(|key| key.name()).collect();
        let is_there = action.all_keys().any(|it| it.is_called(key));
        assert!(all.is_sorted_by_key(|name| name.to_ascii_lowercase()), "{all:?}");
        is_there
    };
    assert!(has("s3:ListBucket", "s3:prefix") && !has("s3:DeleteBucket", "s3:prefix"));
    assert!(has("s3:ListBucket", "aws:SourceVpcArn") && !has("ec2:RunInstances", "aws:SourceVpcArn"));
    assert!(has("s3:ListBucket", "aws:ResourceAccount") && !has("ec2:CreateVpcEndpoint", "aws:ResourceAccount"));
    assert!(has("ec2:StartInstances", "ec2:ResourceTag/x") && has("ec2:StartInstances", "aws:SourceIp"));
    let run = catalogue.action("ec2:RunInstances").unwrap();
    assert!(run.has_key("ec2:InstanceType") && !run.has_key("s3:prefix"));
    let types: Vec<&str> = run.grants().filter(|it| it.is_required()).map(|it| it.resource_type().name()).collect();
    assert!(types.contains(&"instance"), "{types:?}");
}

#[test]
fn resource_types_are_found_by_pattern() {
    let catalogue = Catalogue::builtin();
    let found = |pattern: &str| -> Vec<String> {
        catalogue.resource_types_matching(pattern).map(|it| format!("{}:{}", it.prefix(), it.name())).collect()
    };
    let objects = found("arn:aws:s3:::acme/*");
    assert!(objects.contains(&"s3:object".to_owned()) && !objects.contains(&"s3:bucket".to_owned()), "{objects:?}");
    assert_eq!(found("arn:aws:sqs:*:*:orders"), ["sqs:queue"]);
    assert!(found("arn:aws:nowhere:*:*:*").len() < 3);
    assert_eq!(found("*").len(), catalogue.resource_types().len());
    let of = |service| catalogue.resource_types_of(service).map(|it| it.name()).collect::<Vec<_>>();
    assert_eq!(of("SQS"), ["queue"]);
    assert!(of("iam").contains(&"role") && of("sq").is_empty());
}
