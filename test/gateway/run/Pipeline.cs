using System;
using System.Collections.Generic;
using System.Linq;

namespace Gateway
{
	/* The four sections that one operation's requests go through, <base/> already unfolded. */
	sealed class Pipeline
	{
		internal readonly List<Step> Inbound, Backend, Outbound, OnError;
		/* From the innermost scope outwards. */
		internal readonly List<CorsStep> Cors = new List<CorsStep>();

		/* scopes: from the innermost outwards, null where there is no policy. */
		internal Pipeline(StepBuilder builder, params PolicyDocument[] scopes)
		{
			Inbound = builder.Section("inbound", scopes);
			Backend = builder.Section("backend", scopes);
			Outbound = builder.Section("outbound", scopes);
			OnError = builder.Section("on-error", scopes);
			FindCors(Inbound);
		}

		void FindCors(IEnumerable<Step> steps)
		{
			foreach (var step in steps)
				if (step is CorsStep)
					Cors.Add((CorsStep)step);
				else if (step is GroupStep && step.Element == "base")
					FindCors(((GroupStep)step).Steps);
		}
	}

	/* The pipelines of everything apis.json lists, each made for the first request that goes through it. */
	sealed class Pipelines
	{
		readonly Dictionary<Operation, Lazy<Pipeline>> byOperation = new Dictionary<Operation, Lazy<Pipeline>>();
		readonly Dictionary<ApiEntry, Lazy<Pipeline>> byApi = new Dictionary<ApiEntry, Lazy<Pipeline>>();

		/* For what leads nowhere: only the global policy's on-error has a say. */
		internal readonly Pipeline Nowhere;

		internal Pipelines(Catalogue catalogue, PolicySet set, StepBuilder builder)
		{
			var global = set.Find("policies/global.xml");
			Nowhere = new Pipeline(builder, global);
			foreach (var api in catalogue.Apis)
			{
				var outer = api.Policy == null ? null : set.Find(api.Policy);
				byApi[api] = new Lazy<Pipeline>(() => new Pipeline(builder, outer, global));
				foreach (var operation in api.Operations)
					byOperation[operation] = new Lazy<Pipeline>(() => new Pipeline(builder,
						operation.Policy == null ? null : set.Find(operation.Policy), outer, global));
			}
		}

		internal Pipeline Of(Operation operation)
		{
			return byOperation[operation].Value;
		}

		internal Pipeline Of(ApiEntry api)
		{
			return byApi[api].Value;
		}
	}
}
