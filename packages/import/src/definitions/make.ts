/** From the neutral model to the files of a source. Whoever writes a file says so of the directives that it comes from. */
import { isName } from '@muster/core/compile/names';
import type { Account } from '../account/account.ts';
import type { Directive } from '../account/directive.ts';
import type { BundleModel, Relation, ServiceModel } from '../model/service.ts';
import type { Sourced } from '../model/value.ts';
import { type ImportedFile, textFile } from './files.ts';
import { logText } from './log.ts';
import { oneshotText, runText } from './scripts.ts';
import { canHave, isInScript, SETTING_FILES, type SettingKey } from './settings.ts';

/** What is up after a boot. */
const DEFAULT = 'default';

export interface MakeOptions {
  /** Where logs are made. */
  readonly logDirectory: string;
}

export interface ImportedSource {
  readonly files: readonly ImportedFile[];
  /** Services and instances. */
  readonly services: readonly string[];
}

export function makeSource(
  services: readonly ServiceModel[],
  bundles: readonly BundleModel[],
  account: Account,
  options: MakeOptions,
): ImportedSource {
  const usable = services.filter((service) => isUsable(service, account));
  const maker = new Maker(account, usable, bundles, options);
  for (const service of usable) maker.service(service);
  maker.bundles();
  return { files: maker.files, services: usable.flatMap(instancesOf) };
}

function isUsable({ name, header }: ServiceModel, account: Account): boolean {
  if (isName(name)) return true;
  if (header !== null)
    account.settle([header], {
      result: 'told',
      service: name,
      message: `cannot be the name of a service`,
      hint: 'give it another one: without slashes and newlines, not beginning with s6rc- or s6-rc-',
    });
  return false;
}

/** The services that a model makes. */
function instancesOf({ name, instances }: ServiceModel): string[] {
  return instances === null ? [name] : instances.map((instance) => `${name}${instance}`);
}

class Maker {
  readonly files: ImportedFile[] = [];
  readonly #account: Account;
  readonly #services: ReadonlyMap<string, ServiceModel>;
  readonly #bundles: readonly BundleModel[];
  readonly #names: ReadonlySet<string>;
  readonly #options: MakeOptions;

  constructor(
    account: Account,
    services: readonly ServiceModel[],
    bundles: readonly BundleModel[],
    options: MakeOptions,
  ) {
    this.#account = account;
    this.#services = new Map(services.map((service) => [service.name, service]));
    this.#names = new Set(services.flatMap((service) => [service.name, ...instancesOf(service)]));
    this.#bundles = bundles.filter(({ name }) => isName(name));
    this.#options = options;
  }

  service(service: ServiceModel): void {
    const { name, kind, description } = service;
    this.#put(service, 'type', `${kind}\n`);
    if (service.header !== null) this.#say(service, [service.header], 'type');
    if (description !== undefined) {
      this.#put(service, 'description', `${description.value.replaceAll(/\s+/g, ' ').trim()}\n`);
      this.#took(service, description, 'description');
    }
    if (kind === 'longrun') this.#longrun(service);
    else this.#oneshot(service);
    for (const setting of Object.keys(service.settings) as SettingKey[]) this.#setting(service, setting);
    for (const relation of service.relations) this.#relate(service, relation);
    if (service.manual.value) this.#put(service, 'flag-manual', '');
    if (service.manual.value) this.#took(service, service.manual, 'flag-manual');
    else this.#took(service, service.manual, `${this.#defaultName()}/contents.d/${name}`);
  }

  /** Those of the original, and the one of what is up after a boot. */
  bundles(): void {
    for (const bundle of this.#bundles) this.#bundle(bundle);
    if (this.#bundles.some(({ name }) => name === DEFAULT)) return;
    const started = [...this.#services.values()].filter(({ manual }) => !manual.value);
    this.#putBundle(this.#defaultName(), started.flatMap(instancesOf));
  }

  #putBundle(bundle: string, members: readonly string[]): void {
    this.files.push(textFile(`${bundle}/type`, 'bundle\n'));
    if (members.length === 0) this.files.push(textFile(`${bundle}/contents`, ''));
    for (const member of members) this.files.push(textFile(`${bundle}/contents.d/${member}`, ''));
  }

  #bundle({ name, from, members }: BundleModel): void {
    const bundle = this.#bundleName(name);
    this.#putBundle(
      bundle,
      members.flatMap((each) => this.#targetsOf(each)),
    );
    const isRenamed = bundle !== name;
    this.#account.settle(from, {
      result: isRenamed ? 'changed' : 'taken',
      service: bundle,
      into: ['contents.d'],
      ...(isRenamed ? { message: `a service is called ${name}: the bundle is ${bundle}` } : {}),
    });
  }

  /** What a name of the original stands for: nothing, if it was not imported. */
  #targetsOf(name: string): readonly string[] {
    const service = this.#services.get(name);
    if (service !== undefined) return instancesOf(service);
    if (this.#names.has(name)) return [name];
    return this.#bundles.some((bundle) => bundle.name === name) ? [this.#bundleName(name)] : [];
  }

  #defaultName(): string {
    return this.#bundleName(DEFAULT);
  }

  #bundleName(name: string): string {
    let free = name;
    while (this.#names.has(free)) free = `${free}-group`;
    return free;
  }

  #longrun(service: ServiceModel): void {
    const exports: (readonly [string, string])[] = [];
    let inDirectory = false;
    for (const variable of service.environment) {
      const [name, value] = variable.value;
      if (fitsFile(name, value)) {
        this.#put(service, `env/${name}`, `${value}\n`);
        inDirectory = true;
        this.#took(service, variable, `env/${name}`);
      } else {
        exports.push([name, value]);
        this.#took(service, variable, 'run');
      }
    }
    if (inDirectory) this.#put(service, 'flag-env', '');
    this.#put(service, 'run', runText(service, exports), 0o755);
    this.#took(service, service.run, 'run');
    this.#logs(service);
  }

  #oneshot(service: ServiceModel): void {
    const environment = service.environment.map(({ value }) => value);
    this.#put(service, 'up', oneshotText(service.run.value, environment, service.settings), 0o755);
    this.#took(service, service.run, 'up');
    for (const variable of service.environment) this.#took(service, variable, 'up');
    if (service.down !== undefined) {
      this.#put(service, 'down', oneshotText(service.down.value, environment, service.settings), 0o755);
      this.#took(service, service.down, 'down');
    }
    for (const output of [service.stdout, service.stderr]) {
      if (output === null) continue;
      const message = "a oneshot has no log of its own: what it says is in the tree's";
      this.#account.settle(output.from, { result: 'told', service: service.name, message });
    }
  }

  #logs(service: ServiceModel): void {
    const { name, stdout, stderr } = service;
    const directory = `${this.#options.logDirectory}/${name.endsWith('@') ? `${name.slice(0, -1)}/%i` : name}`;
    const own = stdout === null ? null : logText(stdout.value, directory);
    const other = stderr === null ? null : logText(stderr.value, `${directory}-stderr`);
    const taken = `${name}-log`;
    const log = own ?? other;
    if (log !== null && this.#names.has(taken)) {
      const message = `its logger would be the service ${taken}, which there is already`;
      for (const each of [stdout, stderr])
        this.#account.settle(each?.from ?? [], { result: 'told', service: name, message, hint: 'rename one of them' });
      return;
    }
    if (log !== null) this.#put(service, 'log', log.text);
    if (stdout !== null) this.#took(service, withChange(stdout, own?.changed), own === null ? 'run' : 'log');
    if (stderr === null) return;
    if (own === null) {
      this.#took(service, withChange(stderr, other?.changed), other === null ? 'run' : 'log');
      return;
    }
    if (stderr.value.to.kind === 'nowhere') this.#took(service, stderr, 'run');
    else this.#tell(service, stderr.from, 'standard error is in the same log as standard output');
  }

  #setting(service: ServiceModel, setting: SettingKey): void {
    const value = service.settings[setting];
    if (value === undefined) return;
    if (isInScript(setting, service.kind)) {
      this.#took(service, value, 'up');
      return;
    }
    const { file, isScript } = SETTING_FILES[setting];
    if (!canHave(setting, service.kind)) {
      this.#tell(service, value.from, `a ${service.kind} has no ${file} yet`);
      return;
    }
    this.#put(service, file, settingText(setting, value), isScript ? 0o755 : 0o644);
    this.#took(service, value, file);
  }

  #relate(service: ServiceModel, { kind, name, from }: Relation): void {
    const list = {
      needs: 'dependencies.d',
      wants: 'wants.d',
      after: 'after.d',
      before: 'before.d',
      conflicts: 'conflicts.d',
    }[kind];
    const targets = this.#targetsOf(name).filter((target) => target !== service.name);
    for (const target of targets) this.#put(service, `${list}/${target}`, '');
    if (targets.length > 0) this.#say(service, from, `${list}/${targets[0]}`);
    else this.#tell(service, from, `nothing that is imported is called ${name}`);
  }

  #put({ name }: ServiceModel, file: string, text: string, mode?: number): void {
    this.files.push(textFile(`${name}/${file}`, text, mode));
  }

  #took(service: ServiceModel, { from, changed }: Sourced<unknown>, file: string): void {
    if (changed === undefined) this.#say(service, from, file);
    else this.#account.settle(from, { result: 'changed', service: service.name, into: [file], message: changed });
  }

  #say({ name }: ServiceModel, from: readonly Directive[], file: string): void {
    this.#account.settle(from, { result: 'taken', service: name, into: [file] });
  }

  #tell({ name }: ServiceModel, from: readonly Directive[], message: string): void {
    this.#account.settle(from, { result: 'told', service: name, message });
  }
}

function withChange<T>(value: Sourced<T>, changed: string | null | undefined): Sourced<T> {
  return changed === null || changed === undefined ? value : { ...value, changed };
}

/** `env/NAME` has one line, without blanks at its end, and no name with a slash. */
function fitsFile(name: string, value: string): boolean {
  return /^[^/=.][^/=]*$/.test(name) && !/[\n\0]|[ \t]$/.test(value);
}

function settingText<Name extends SettingKey>(
  setting: Name,
  { value }: NonNullable<ServiceModel['settings'][Name]>,
): string {
  return SETTING_FILES[setting].text(value as never);
}
