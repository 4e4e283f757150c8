import { Field, Int, ObjectType } from 'type-graphql';
import { DateTime } from '../../platform/graphql/scalars.js';
import type { SecretInfo } from './secret-store.js';

@ObjectType('SecretInfo', { description: 'A secret that is set. Its value is never shown again.' })
export class SecretInfoType implements SecretInfo {
  @Field(() => String, { description: 'Name of the variable that it is given as.' })
  name!: string;

  @Field(() => Int, { description: 'Grows each time the secret is set. What runs keeps the version that it was deployed with.' })
  version!: number;

  @Field(() => DateTime, { description: 'When this version was set.' })
  createdAt!: Date;
}
