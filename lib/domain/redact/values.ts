import { startsWithMark } from './withheld';

/** Values that are no secret whatever the name: switches, nothing, what was hidden before, and references to elsewhere. */
const HARMLESS =
  /^(?:true|false|yes|no|on|off|null|nil|none|undefined|<[^<>]{0,80}>|\(\w{0,20}\)|empty|unset|not[ _-]?set|\*+|x{3,}|-+|\.{2,}|…|n\/a|redacted|hidden|masked|filtered|sanitized|\[\w{1,20}\]|\w{0,3}\$[({]{0,2}[\w.:/?-]{1,120}[)}]{0,2}|%[svqdw+#]{1,3}|\{\{.{0,200}|\{\w{0,60}\}?|string|strings|stringarray|int|bool|duration|text|value|object|array|optional|required)$/i;
/** Words that follow the name of a credential where a sentence speaks about it. */
const PROSE =
  /^(?:is|was|are|were|be|been|must|may|can|cannot|can't|should|shall|will|would|could|has|have|had|does|did|do|not|no|the|a|an|and|or|of|to|in|on|for|with|without|from|by|at|as|if|when|that|this|it|its|than|then|too|invalid|valid|incorrect|correct|wrong|bad|missing|required|expired|expected|unexpected|empty|blank|failed|failure|failing|denied|rejected|refused|accepted|ok|okay|success|successful|unauthorized|unauthenticated|forbidden|unable|error|errors|err|eacces|enoent|permission|access|authentication|authorization|login|user|username|field|option|flag|flags|argument|arguments|parameter|params|value|values|name|type|file|path|mismatch|mismatched|malformed|unknown|unset|undefined|none|nothing|null|only|please|check|see|use|used|using|set|setting|specify|specified|provide|provided|given|need|needs|needed|default|loaded|loading|found|exists|received|got|read|could|couldn't|didn't|doesn't|isn't|wasn't|illegal|unsupported|length|format|policy|reset|change|changed|updated|created|generated|rotated|rotating|refreshed|stored|saved|enabled|disabled|parse|parsing|decode|decoding|verify|verification|signature|claims|secret|token|password|key|credentials?)[.,:;!)\]'"]{0,2}$/i;
const VERSION = /^v?\d{1,6}(?:\.\w{1,20}){0,4}(?:-[a-z0-9.]{1,30})?$/;
const PLACE =
  /^(?:\/(?:run|var|etc|opt|home|tmp|mnt|app|usr|root|secrets?|vault|data|config)\/|\.{1,2}\/|file:|[a-z]:\\)/i;

/** Tells whether a value under a credential's name shows nothing: empty, a switch, a variable, a place, or withheld before. */
export function isHarmlessValue(value: string): boolean {
  if (value === '' || startsWithMark(value) || HARMLESS.test(value) || PLACE.test(value)) return true;
  // In a sentence the bracket or the stop after a word is not its own.
  return HARMLESS.test(value.replace(/[).\]:!]{1,3}$/, ''));
}

/** Tells whether a word after a credential's name belongs to a sentence about it. */
export function isProse(word: string): boolean {
  return PROSE.test(word);
}

/** Tells whether a value is a version or a plain number, as of an image or a port. */
export function isVersion(value: string): boolean {
  return VERSION.test(value);
}

/** Tells whether a word looks made by chance: letters with digits or inner capitals, and not a short name of lower-case parts. */
export function isOpaque(word: string): boolean {
  if (word.length < 8 || !/^[\w+/=.~%!@#$^&*-]{8,}$/.test(word)) return false;
  if (word.length < 40 && /^[a-z]+(?:[-./][a-z0-9]+)+$/.test(word)) return false;
  return (/\d/.test(word) && /[A-Za-z]/.test(word)) || (word.length >= 20 && /[a-z][A-Z]/.test(word));
}
