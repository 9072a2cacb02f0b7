/*
 * The regions of the three clouds that the played Azure has, by the name that a request uses; some providers answer with
 * the name that people read.
 */
export const REGIONS = { westeurope: 'West Europe', northeurope: 'North Europe', eastus: 'East US', eastus2: 'East US 2', westus2: 'West US 2',
	centralus: 'Central US', uksouth: 'UK South',
	francecentral: 'France Central', germanywestcentral: 'Germany West Central', swedencentral: 'Sweden Central',
		switzerlandnorth: 'Switzerland North', australiaeast: 'Australia East',
	japaneast: 'Japan East', southeastasia: 'Southeast Asia', usgovvirginia: 'USGov Virginia', usgovarizona: 'USGov Arizona',
		chinanorth3: 'China North 3', chinaeast2: 'China East 2' };

export const regionKey = (text) => text.toLowerCase().replaceAll(' ', '');
export const regionName = (text) => REGIONS[regionKey(text)] ?? text;
export const sameRegion = (a, b) => regionKey(a) === regionKey(b);
