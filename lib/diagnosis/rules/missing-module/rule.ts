import { command, outlives, rollbackStep, step } from '@/lib/diagnosis/commands';
import { exitFact, logFact, specFact } from '@/lib/diagnosis/facts';
import { logConfidence } from '@/lib/diagnosis/log-confidence';
import { matchLog, type Signature } from '@/lib/diagnosis/match-log';
import { defineRule } from '@/lib/diagnosis/rule';
import { headline, shorten } from '@/lib/diagnosis/wording';

interface Meaning {
  /** What is missing: "Python module", "shared library". */
  readonly kind: string;
  /** True where the text excludes everything but the image. */
  readonly isLoader?: true;
}

/** The first group names what is missing. */
const SIGNATURES: readonly Signature<Meaning>[] = [
  {
    pattern: /error while loading shared libraries: ([^\s:]{1,200}): (?:cannot open|wrong ELF class|invalid ELF)/,
    meaning: { kind: 'shared library', isLoader: true },
  },
  {
    pattern: /version [`'](G?GLIBC[\w.]{0,20}|GLIBCXX_[\d.]{1,20}|CXXABI_[\d.]{1,20})' not found/,
    meaning: { kind: 'C library version', isLoader: true },
  },
  {
    pattern: /Error (?:loading shared library|relocating) ([^\s:]{1,200}):/,
    meaning: { kind: 'shared library', isLoader: true },
  },
  {
    pattern:
      /([\w.+/-]{1,200}\.so[.\d]{0,20}): (?:cannot open shared object file|undefined symbol|invalid ELF header|wrong ELF class|failed to map segment)/,
    meaning: { kind: 'shared library' },
  },
  { pattern: /undefined symbol: (\w{1,200})/, meaning: { kind: 'symbol of a shared library' } },
  { pattern: /Unable to load (?:shared library|DLL) '([^']{1,200})'/, meaning: { kind: 'shared library' } },
  {
    pattern: /UnsatisfiedLinkError: .{0,200}?([\w.-]{1,100}\.so[.\d]{0,10}|no \w{1,60} in java\.library\.path)/,
    meaning: { kind: 'native library' },
  },
  { pattern: /ModuleNotFoundError: No module named '?([\w.-]{1,200})/, meaning: { kind: 'Python module' } },
  { pattern: /ImportError: No module named '?([\w.-]{1,200})/, meaning: { kind: 'Python module' } },
  { pattern: /ImportError: cannot import name '?(\w{1,100})'? from/, meaning: { kind: 'name of a Python module' } },
  { pattern: /ImportError: (.{1,160})/, meaning: { kind: 'Python import' } },
  {
    pattern: /pkg_resources\.(?:DistributionNotFound|VersionConflict|ContextualVersionConflict): (.{1,120})/,
    meaning: { kind: 'Python distribution' },
  },
  {
    pattern: /PackageNotFoundError: (?:No package metadata was found for )?(\S{1,120})/,
    meaning: { kind: 'Python distribution' },
  },
  { pattern: /python[\d.]{0,5}: No module named ([\w.]{1,120})/, meaning: { kind: 'Python module' } },
  { pattern: /Cannot find (?:module|package) '([^']{1,300})'/, meaning: { kind: 'Node.js module' } },
  { pattern: /Module not found "([^"\n]{1,300})"/, meaning: { kind: 'JavaScript module' } },
  { pattern: /ERR_MODULE_NOT_FOUND.{0,200}?'([^']{1,300})'/, meaning: { kind: 'Node.js module' } },
  {
    pattern: /was compiled against a different Node\.js version/,
    meaning: { kind: 'matching Node.js version', isLoader: true },
  },
  {
    pattern: /(ERR_OSSL_EVP_UNSUPPORTED)|error:0308010C:digital envelope routines/,
    meaning: { kind: 'matching Node.js version' },
  },
  {
    pattern:
      /could not (?:load library|access file) "([^"\n]{1,200})": .{0,80}(?:No such file|cannot open shared object)/,
    meaning: { kind: 'PostgreSQL extension' },
  },
  { pattern: /ERR_DLOPEN_FAILED/, meaning: { kind: 'native Node.js module' } },
  { pattern: /Could not load the "([\w-]{1,60})" module using the/, meaning: { kind: 'native Node.js module' } },
  {
    pattern:
      /The engine "node" is incompatible|requires? (?:a )?Node(?:\.js)? (?:version )?(?:>=?|v)?\s?([\d.]{1,12})/i,
    meaning: { kind: 'matching Node.js version' },
    except: /warn/i,
  },
  {
    pattern: /Prisma Client could not locate the Query Engine for runtime "([^"]{1,80})"/,
    meaning: { kind: 'query engine for this platform' },
  },
  { pattern: /cannot load such file -- ([^\s(]{1,200})/, meaning: { kind: 'Ruby library' } },
  {
    pattern:
      /Could not find (?:gem '?)?([\w.-]{1,100}(?:-[\d.]{1,20})?)'?.{0,200}?in (?:any of the sources|locally installed gems|rubygems)/,
    meaning: { kind: 'gem' },
  },
  {
    pattern: /(Bundler::GemNotFound|Gem::MissingSpecError|Gem::LoadError|Gem::ConflictError)/,
    meaning: { kind: 'gem' },
  },
  {
    pattern: /Your Ruby version is ([\d.]{1,12}), but your Gemfile specified/,
    meaning: { kind: 'matching Ruby version', isLoader: true },
  },
  {
    pattern: /UnsupportedClassVersionError: (?:\S{1,200} )?(?:has been compiled by a more recent version|.{0,120})/,
    meaning: { kind: 'matching Java version', isLoader: true },
  },
  { pattern: /(?:NoClassDefFoundError|ClassNotFoundException): ([\w./$]{1,200})/, meaning: { kind: 'Java class' } },
  {
    pattern:
      /(?:NoSuchMethodError|NoSuchFieldError|AbstractMethodError|IncompatibleClassChangeError):? '?([^\n']{1,160})/,
    meaning: { kind: 'matching version of a Java library' },
  },
  {
    pattern:
      /(?:You must install or update \.NET|It was not possible to find any compatible framework version|framework '([\w.]{1,80})', version '[\d.]{1,20}')/,
    meaning: { kind: 'matching .NET version', isLoader: true },
  },
  { pattern: /Could not load file or assembly '([^',]{1,200})/, meaning: { kind: '.NET assembly' } },
  { pattern: /Couldn't find a valid ICU package/, meaning: { kind: 'ICU library', isLoader: true } },
  { pattern: /Class "([^"]{1,200})" not found/, meaning: { kind: 'PHP class' } },
  { pattern: /Class '([\w\\]{1,200})' not found/, meaning: { kind: 'PHP class' } },
  { pattern: /Failed opening required '([^']{1,300})'/, meaning: { kind: 'PHP file' } },
  { pattern: /Call to undefined function (\w{1,100})\(/, meaning: { kind: 'PHP function' } },
  { pattern: /PDOException: (could not find driver)|could not find driver/, meaning: { kind: 'PHP database driver' } },
  { pattern: /Unable to load dynamic library '([^']{1,200})'/, meaning: { kind: 'PHP extension' }, except: /warning/i },
  { pattern: /(?:requires? php|require php) (?:>=|\^|~)\s?([\d.]{1,12})/i, meaning: { kind: 'matching PHP version' } },
  { pattern: /Can't locate ([\w/:.]{1,200}\.pm) in @INC/, meaning: { kind: 'Perl module' } },
  { pattern: /there is no package called ['‘]([\w.]{1,100})/, meaning: { kind: 'R package' } },
  { pattern: /module '([\w./-]{1,100})' not found:/, meaning: { kind: 'Lua module' } },
  {
    pattern:
      /\(UndefinedFunctionError\) function ([\w.]{1,120})\/\d.{0,20} is undefined \(module .{1,80} is not available/,
    meaning: { kind: 'Elixir module' },
  },
  {
    pattern:
      /(?:Could not start|could not find) application ([\w]{1,80}): (?:could not find application file|could not)/,
    meaning: { kind: 'Erlang application' },
  },
  {
    pattern: /(?:requires|needs) (?:at least )?(?:Python|python) (?:>=\s?)?(\d\.\d{1,2})/,
    meaning: { kind: 'matching Python version' },
    except: /warn/i,
  },
  { pattern: /exec: "?([\w.-]{1,100})"?: executable file not found in \$PATH/, meaning: { kind: 'program' } },
  {
    pattern: /(?:neither|Neither) the JAVA_HOME nor|JAVA_HOME is not (?:set|defined)/,
    meaning: { kind: 'Java runtime' },
  },
];

/** A name like these is a file of the program itself: what is wrong is then more likely the command or a mount. */
function isOwnFile(name: string): boolean {
  return name.startsWith('/') && !name.includes('node_modules') && !/\.so/.test(name);
}

/**
 * The image lacks a module, class, shared library or the runtime version that the program needs.
 *
 * The loader's or interpreter's own text names it. Mistaken for a wrong command where the missing file is the program
 * itself (`bad-command`), and for a mount that hides a directory of the image (`file-missing`).
 */
export const missingModule = defineRule({
  id: 'missing-module',
  cause: 'missing-module',
  title: 'Module, class or shared library missing from the image',
  docs: 'https://kubernetes.io/docs/concepts/containers/images/',
  doc: {
    describe: '`Error` with exit 1 or 127, seconds after each start, on every replica.',
    logs: '`ModuleNotFoundError`, `Cannot find module`, `cannot load such file`, `NoClassDefFoundError`, `error while loading shared libraries`.',
    steps: [
      'Run the image on your machine: it fails there in the same way.',
      'Install what is missing in the image, in the stage that is shipped.',
      'Build on the base that it runs on: the same C library, the same version of the language.',
    ],
    prevention: 'Start the finished image once in CI before it is pushed, and pin versions in a lock file.',
  },
  needs: ['log'],
  specificity: 3,
  supersedes: ['app-exception'],
  detect: (evidence) => {
    const match = matchLog(evidence, SIGNATURES);
    if (!match) return null;
    const { kind, isLoader } = match.meaning;
    const name = match.groups.find((group) => group !== '') ?? '';
    const code = evidence.lastTermination?.exitCode ?? 0;
    const isProven =
      isLoader === true &&
      match.position === 0 &&
      code !== 0 &&
      evidence.container.mounts.every((mount) => !/^\/(?:usr|lib|opt)/.test(mount.path));
    const confidence = isProven ? 'certain' : isOwnFile(name) ? 'possible' : logConfidence(evidence, match);
    const exit = exitFact(evidence);
    const isVersion = kind.startsWith('matching');
    const missing = isVersion
      ? `the image lacks the ${kind}`
      : `the ${kind} ${shorten(name, 60)} is missing from the image`;
    const changed = evidence.revision?.changes.find((change) => change.path.endsWith('.image'));
    return {
      confidence,
      what: isVersion ? `image lacks the ${kind}` : `${kind} ${shorten(name || 'it needs', 34)} is missing`,
      sentence: headline(evidence, confidence, missing),
      facts: [
        logFact(match.log, match.no, 'What its loader says'),
        specFact(evidence, 'image', evidence.container.image, 'The image'),
        ...(changed
          ? [specFact(evidence, 'image', `${changed.before} → ${changed.after}`, 'It was changed with this revision')]
          : []),
        ...(exit ? [exit] : []),
      ],
      steps: [
        step(
          'run-image-locally',
          'Run the image on your machine',
          'It needs no cluster to fail in this way.',
          command('docker', 'run', '--rm', evidence.container.image),
        ),
        {
          id: 'add-module',
          operation: { kind: 'decide' },
          title: isVersion ? 'Build on the version that it needs' : `Add ${name || 'what is missing'} to the image`,
          text: 'Install it in the stage of the Dockerfile that is shipped, build, push under a new tag and deploy that.',
          done: outlives(evidence),
        },
        ...rollbackStep(
          evidence,
          changed
            ? `The image before, ${shorten(changed.before, 60)}, may still hold it.`
            : 'The revision before started.',
        ),
      ],
    };
  },
});
