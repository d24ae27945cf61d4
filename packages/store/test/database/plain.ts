import { type Database, everyService } from '@muster/core/model/database';
import { everyTemplate } from '@muster/core/model/template';

/** All that a database says, as data that can be compared. */
export function plain({ definition, templates, ...columns }: Database) {
  return {
    ...columns,
    packed: null,
    definitions: everyService(columns).map((id) => definition(id)),
    templates: { ...templates, template: everyTemplate(templates).map((index) => templates.template(index)) },
  };
}
