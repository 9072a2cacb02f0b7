namespace Gateway
{
	/* A folder of the agreed layout, read, checked and compiled. */
	sealed class LoadedPolicies
	{
		internal PolicySet Set;
		internal Catalogue Catalogue;
		internal ExpressionTable Expressions;

		/* What API Management would refuse, and what the emulator does not model, is a problem. */
		internal static LoadedPolicies Load(Options options, Problems problems)
		{
			var values = NamedValues.Load(options.Apim, options.Values, options.Placeholders, problems);
			var loaded = new LoadedPolicies
			{
				Set = PolicySet.Load(options.Apim, values, problems),
				Catalogue = Catalogue.Load(options.Apim, values, problems),
				Expressions = new ExpressionTable(),
			};
			foreach (var document in loaded.Set.All)
				Checker.Check(document, loaded.Set, loaded.Expressions, problems);
			loaded.Catalogue.Check(loaded.Set, problems);
			Compiler.Compile(loaded.Expressions.All, options.Kept, problems);
			return loaded;
		}
	}
}
