// Writes sbom.json: what production is made of, for those who look after its supply chain.
import { writeFileSync } from 'node:fs';
import { billOfMaterials } from './bill-of-materials.mjs';

const bill = billOfMaterials();
writeFileSync('sbom.json', `${JSON.stringify(bill, null, 2)}\n`);
process.stdout.write(`sbom.json: ${bill.bomFormat} ${bill.specVersion}, ${bill.components.length} packages.\n`);
