/*
 * The regions of the three clouds that the played Azure has, by the name that a request uses and the name that some
 * providers answer with.
 */
export const REGIONS = { westeurope: 'West Europe', northeurope: 'North Europe', germanywestcentral: 'Germany West Central', swedencentral: 'Sweden Central',
	eastus: 'East US', eastus2: 'East US 2', westus2: 'West US 2', usgovvirginia: 'USGov Virginia', chinanorth3: 'China North 3' };

export const regionKey = (text) => text.toLowerCase().replaceAll(' ', '');
export const regionName = (text) => REGIONS[regionKey(text)] ?? text;
export const sameRegion = (a, b) => regionKey(a) === regionKey(b);
