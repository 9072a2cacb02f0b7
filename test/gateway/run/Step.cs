using System.Collections.Generic;
using System.Linq;
using System.Xml.Linq;

namespace Gateway
{
	/* One policy element, ready to run. */
	abstract class Step
	{
		internal string Element;
		/* As in "choose[3]/when[2]/set-header[1]", within its section. */
		internal string Path;
		internal string PolicyId;
		internal string Scope;
		internal string Section;

		/* False ends the pipeline with the response as it now is.  Throws PolicyFailure. */
		internal abstract bool Run(Execution x);

		internal bool OnResponse { get { return Section == "outbound" || Section == "on-error"; } }

		internal static bool RunAll(IEnumerable<Step> steps, Execution x)
		{
			foreach (var step in steps)
			{
				try
				{
					if (!step.Run(x))
						return false;
				}
				catch (PolicyFailure failure)
				{
					if (failure.Step == null)
						failure.Step = step;
					throw;
				}
			}
			return true;
		}
	}

	/* The outer scope's section in the place of <base/>, or a fragment's policies. */
	sealed class GroupStep : Step
	{
		internal readonly List<Step> Steps;

		internal GroupStep(List<Step> steps)
		{
			Steps = steps;
		}

		internal override bool Run(Execution x)
		{
			return RunAll(Steps, x);
		}
	}
}
