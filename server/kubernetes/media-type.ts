export const PROTOBUF = 'application/vnd.kubernetes.protobuf';

/** JSON, also in the forms that name a kind or a stream. */
export const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json$/;
