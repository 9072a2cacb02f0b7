using System;
using System.Linq;

namespace Gateway
{
	/* gateway.exe lint: what API Management would refuse, what the emulator does not model, and what
	 * this house does not want. */
	static class Linter
	{
		/* Prints "file:line: element: what is wrong" per problem, then one line of summary. */
		internal static int Run(Options options)
		{
			var problems = new Problems();
			var policies = LoadedPolicies.Load(options, problems);
			foreach (var document in policies.Set.All.Where(one => one.Root != null))
			{
				HouseRules.Check(document, policies.Set, policies.Expressions, problems);
				Secrets.Check(document, problems);
			}
			var lines = problems.Lines.ToList();
			foreach (var line in lines)
				Console.WriteLine(line);
			Console.WriteLine("policies: " + policies.Set.All.Count() + " documents, "
				+ policies.Expressions.All.Count + " expressions, " + lines.Count + " problems");
			return lines.Count == 0 ? 0 : 1;
		}
	}
}
