import type { AdmissionPlugin } from './plugin.ts';
import { namespaceLifecycle } from './namespaceLifecycle/namespaceLifecycle.ts';

/** The plugins that are simulated. Their order is admission.json's. */
export const plugins: readonly AdmissionPlugin[] = [namespaceLifecycle];
