import { scalarShape, shapeOfKind, type Field, type Shape } from '../../../api/schema/shape.ts';
import {
  additionalOf,
  itemsOf,
  propertiesOf,
  type Schema,
} from '../registry/apiextensions/structural.ts';

const scalar: Shape = { kind: 'scalar' };
const noPatch = { merge: false, retainKeys: false, mergeKey: undefined };

/** Values without a schema: objects merge, lists and the rest are pieces. Models __untyped_deduced_. */
const deduced: Shape = (() => {
  const shape: {
    kind: 'map';
    isAtomic: boolean;
    fields: undefined;
    of: Shape;
    isLoose: true;
  } = {
    kind: 'map',
    isLoose: true,
    isAtomic: false,
    fields: undefined,
    of: scalar,
  };
  shape.of = shape;
  return shape;
})();

const field = (shape: Shape): Field => ({ shape, patch: noPatch });

/** How the objects of a version merge. Models the OpenAPI that apiextensions builds for apply. */
export function shapeOfCustom(schema: Schema): Shape {
  const metadata = shapeOfKind({ group: '', version: 'v1', kind: 'ConfigMap' });
  const meta = metadata?.kind === 'map' ? metadata.fields?.get('metadata') : undefined;
  const shape = shapeOf(schema);
  return {
    kind: 'map',
    isAtomic: false,
    fields: new Map([
      ...(shape.kind === 'map' ? (shape.fields ?? []) : []),
      ['apiVersion', field(scalar)],
      ['kind', field(scalar)],
      ...(meta ? ([['metadata', meta]] as const) : []),
    ]),
    of: shape.kind === 'map' ? shape.of : scalar,
    ...(shape.kind === 'map' && shape.isClosed && { isClosed: true }),
  };
}

function shapeOf(schema: Schema): Shape {
  const items = itemsOf(schema);
  if (schema.type === 'array' && items) {
    const type = schema['x-kubernetes-list-type'];
    return {
      kind: 'list',
      type: type === 'set' || type === 'map' ? type : 'atomic',
      keys: (schema['x-kubernetes-list-map-keys'] ?? []).map((name) => ({
        name,
        default: items.properties?.[name]?.default,
      })),
      of: shapeOf(items),
    };
  }
  const preserves = schema['x-kubernetes-preserve-unknown-fields'] === true;
  const isAtomic = schema['x-kubernetes-map-type'] === 'atomic';
  const additional = additionalOf(schema);
  const properties = propertiesOf(schema);
  if (schema.type === 'object' || (preserves && !schema.type)) {
    const fields = new Map(properties.map(([key, property]) => [key, field(shapeOf(property))]));
    const isFree = preserves || additional || schema.additionalProperties === true;
    const isClosed = !isFree && properties.length > 0;
    if (schema['x-kubernetes-embedded-resource'])
      for (const name of ['apiVersion', 'kind']) fields.set(name, field(scalar));
    return {
      kind: 'map',
      isAtomic,
      fields: fields.size ? fields : undefined,
      of: additional ? shapeOf(additional) : deduced,
      ...(isClosed && { isClosed }),
    };
  }
  return schema['x-kubernetes-int-or-string'] ? scalar : scalarShape(schema);
}
