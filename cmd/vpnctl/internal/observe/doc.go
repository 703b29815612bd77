// Package observe has what operators search, see and are told: the fields of the log's
// index, saved searches, a dashboard and alert rules of Simple Log Service (SLS), in
// observe.yaml. It installs them with signed requests, writes them as files, and writes the
// resources of template.yml, so that both ways of deployment have the same.
//
// Requests go to https://<project>.<region>.log.aliyuncs.com and are signed with version 4
// of the signature of SLS (SLS4-HMAC-SHA256). SLS does not take version 3 of the signature
// of Alibaba Cloud's other APIs. The shapes of the documents are those of the API of
// 2020-12-30: index, savedsearches, dashboards, and jobs of type Alert.
//
// An installation changes only what differs, and never deletes: fields that an index has
// beside these stay.
package observe
